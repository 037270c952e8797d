// The spool as a worker sees it.

/// Where a worker puts what it receives.
package struct SpoolLocation: Hashable, Sendable, Codable {
    package var directory: String
    /// Bytes that must stay free on the file system; below them an object is refused with A700.
    package var freeFloor: Int64

    package init(directory: String, freeFloor: Int64) {
        self.directory = directory
        self.freeFloor = freeFloor
    }
}
