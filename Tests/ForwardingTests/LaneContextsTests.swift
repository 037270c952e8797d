import DICOMVocabulary
import Journal
import Testing

@testable import Forwarding

@Suite("What a lane that stays proposes")
struct LaneContextsTests {
    private func contexts(_ range: Range<Int>) -> [WaitingContext] {
        range.map { WaitingContext(sopClass: UID("1.2.\($0)"), transferSyntax: .explicitVRLittleEndian) }
    }

    @Test("All that waits comes first, then what lately went there, each once, as far as there is room")
    func usual() {
        let both = Lane.contexts(waiting: contexts(0..<3), usual: contexts(2..<200))
        #expect(both.count == 110 && both == contexts(0..<110))
    }

    @Test("What waits alone may be more than there is room for, and nothing is added then")
    func full() {
        #expect(Lane.contexts(waiting: contexts(0..<120), usual: contexts(0..<200)) == contexts(0..<120))
    }
}
