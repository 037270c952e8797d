// Files of a simulated peer. Not durable on purpose: a stand-in may forget at a power loss.

import DICOMVocabulary
import Glibc

/// `folder/<study>/<series>/<instance>.dcm`, for UIDs that can be file names.
struct FolderStore: Sendable {
    let folder: String

    init(folder: String) throws(Failure) {
        self.folder = folder
        try Self.makeFolder(folder)
    }

    /// A new file under a name that no object has; the caller closes it, then calls `keep` or `discard`.
    func begin(_ number: Int) throws(Failure) -> (path: String, fileDescriptor: CInt) {
        let path = "\(folder)/.incoming-\(getpid())-\(number)"
        let descriptor = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Self.failure("open", errno) }
        return (path, descriptor)
    }

    /// Moves a finished file to its place. An object that came before under the same UID is replaced.
    func keep(_ path: String, study: UID, series: UID, instance: UID) throws(Failure) -> String {
        let parts = [study, series, instance].map { $0.isValid ? $0.string : "invalid" }
        let target = "\(folder)/\(parts[0])/\(parts[1])"
        try Self.makeFolder("\(folder)/\(parts[0])")
        try Self.makeFolder(target)
        let final = "\(target)/\(parts[2]).dcm"
        guard rename(path, final) == 0 else { throw Self.failure("rename", errno) }
        return final
    }

    func discard(_ path: String) { unlink(path) }

    /// Makes the folder with its parents.
    static func makeFolder(_ path: String) throws(Failure) {
        var partial = path.hasPrefix("/") ? "" : "."
        for part in path.split(separator: "/") {
            partial += "/\(part)"
            guard mkdir(partial, 0o755) == 0 || errno == EEXIST else { throw failure("mkdir", errno) }
        }
    }

    /// Regular files at any depth, in the order of their names; hidden ones are left out.
    static func files(below folder: String) -> [String] {
        guard let directory = opendir(folder) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if !name.hasPrefix(".") { names.append("\(folder)/\(name)") }
        }
        return names.sorted().flatMap { path -> [String] in
            var status = stat()
            guard stat(path, &status) == 0 else { return [] }
            return switch status.st_mode & S_IFMT {
            case S_IFDIR: files(below: path)
            case S_IFREG: [path]
            default: []
            }
        }
    }

    static func write(_ parts: [[UInt8]], to path: String) throws(Failure) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw failure("open", errno) }
        defer { close(descriptor) }
        for part in parts { try write(part, to: descriptor) }
    }

    static func write(_ bytes: [UInt8], to descriptor: CInt) throws(Failure) {
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                Glibc.write(descriptor, buffer.baseAddress?.advanced(by: done), buffer.count - done)
            }
            if count < 0 {
                guard errno == EINTR else { throw failure("write", errno) }
                continue
            }
            done += count
        }
    }

    static func failure(_ call: String, _ code: CInt) -> Failure {
        Failure(
            .ioError, .person, .instance, detail: "\(call): \(String(cString: strerror(code)))",
            hint: "check the folder's permissions and free space")
    }
}
