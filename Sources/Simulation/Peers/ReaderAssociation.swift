// What a simulated reader does on one association.

import DICOMNetwork
import DICOMVocabulary

/// Lives on its association's thread.
struct ReaderAssociation {
    let reader: ReaderSimulator
    let session: PeerSession

    init(reader: ReaderSimulator, socket: CInt) throws(Failure) {
        self.reader = reader
        session = try PeerSession(socket: socket, face: reader.options.face, archive: reader.index)
    }

    func serve() throws(Failure) {
        var stored = 0
        while let command = try session.next() {
            switch command {
            case .store(let store):
                if let holding = try reader.receiver.receive(store, on: session.association, stored: stored) {
                    reader.arrived(holding)
                    stored += 1
                }
            case .find(let find): try answer(find)
            case .get(let get): try retrieve(get)
            case .move(let move): try self.move(move)
            default: continue
            }
        }
        if stored > 0 { reader.report("stored \(stored) objects from \(session.callingAE)") }
    }
}
