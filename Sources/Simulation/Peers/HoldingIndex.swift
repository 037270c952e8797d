// The memory of a simulated archive.

import DICOMVocabulary
import Synchronization

/// Objects by SOP Instance UID and by study. Safe to use from any thread.
final class HoldingIndex: Sendable {
    private struct Contents {
        var instances: [UID: Holding] = [:]
        /// In order of arrival.
        var studies: [UID: [UID]] = [:]
    }
    private let contents = Mutex(Contents())

    func insert(_ holding: Holding) {
        contents.withLock { contents in
            if contents.instances.updateValue(holding, forKey: holding.sopInstance) == nil {
                contents.studies[holding.study, default: []].append(holding.sopInstance)
            }
        }
    }

    var all: [Holding] { contents.withLock { Array($0.instances.values) } }

    /// Transfer syntaxes in which objects of a class are held, in a steady order.
    func transferSyntaxes(of sopClass: UID) -> [TransferSyntax] {
        let held = contents.withLock { contents in
            Set(contents.instances.values.filter { $0.sopClass == sopClass }.map(\.transferSyntax))
        }
        return held.sorted { $0.uid.string < $1.uid.string }
    }

    func study(_ uid: UID) -> [Holding] {
        contents.withLock { contents in (contents.studies[uid] ?? []).compactMap { contents.instances[$0] } }
    }
}
