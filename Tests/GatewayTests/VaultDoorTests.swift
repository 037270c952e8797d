import DICOMVocabulary
import Foundation
import GatewayTesting
import Testing
import Vault

@testable import Gateway

@Suite struct VaultDoorTests {
    @Test("a damaged page of the vault stops those whose identity is on it, and an alarm tells of it")
    func damagedPage() async throws {
        let state = try TemporaryState()
        let path = state.settings.vaultPath
        let key = try VaultKey(file: state.settings.vaultKeyFile)
        let studies = (1...200).map { FakeStudy($0) }
        let vault = try VaultDatabase.open(path: path, key: key)
        for study in studies { try await vault.remember(study.identity, study: study.uid) }
        try vault.close()
        let whole = try Data(contentsOf: URL(fileURLWithPath: path))
        let page = 4096
        // Of the pages behind the tables' roots one that some of the studies are on, and others are not.
        for number in stride(from: whole.count / page - 1, to: 0, by: -1) {
            var damaged = whole
            damaged.replaceSubrange(number * page..<(number + 1) * page, with: Data(repeating: 0xA5, count: page))
            try damaged.write(to: URL(fileURLWithPath: path))
            let door = VaultDoor(path: path, keyFile: state.settings.vaultKeyFile, now: state.clock.now)
            guard let vault = try? door.open() else { continue }
            #expect(door.alarm == nil)
            var unreadable = 0
            for study in studies {
                do throws(Failure) {
                    #expect(try await vault.identities(study: study.uid).count == 1)
                } catch {
                    #expect(
                        error.code == .vaultUnavailable && error.scope == .instance && error.disposition == .tryAgain)
                    unreadable += 1
                }
            }
            guard unreadable > 0, unreadable < studies.count else { continue }
            #expect(door.alarm?.code == "vaultDamaged")
            state.clock.advance(by: 86_400)
            #expect(door.alarm != nil)
            state.clock.advance(by: 3700)
            #expect(door.alarm == nil, "nobody has met it for longer than anything is put off")
            return
        }
        Issue.record("no page was found whose damage some of the studies do not feel")
    }
}
