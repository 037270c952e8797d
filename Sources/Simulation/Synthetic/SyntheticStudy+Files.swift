// A synthetic study as Part 10 files.

package import DICOMVocabulary
import Glibc

extension SyntheticStudy {
    /// Writes `I00001.dcm` and so on into a folder, which is made if need be. Blocking; an existing file is replaced.
    /// - Returns: the paths in slice order.
    @discardableResult
    package func write(to folder: String) throws(Failure) -> [String] {
        try FolderStore.makeFolder(folder)
        var paths: [String] = []
        for index in 0..<count {
            let digits = String(index + 1)
            let path = "\(folder)/I\(String(repeating: "0", count: max(0, 5 - digits.count)))\(digits).dcm"
            let instance = try instance(index)
            let meta = Part10.meta(
                sopClass: instance.sopClass, sopInstance: instance.sopInstance,
                transferSyntax: instance.transferSyntax)
            try FolderStore.write([meta, instance.dataSet], to: path)
            paths.append(path)
        }
        return paths
    }
}
