// The bounded scanner that everything passes before a parser written in C++ may see it.

/// Walks every element of a data set without building it: iterative, bounds-checked, in memory that does not grow with
/// the object. A pixel value of a gigabyte costs one step.
///
/// ```swift
/// var file = try FileByteSource(path: path)
/// let header = try HeaderScanner(bounds: ScanBounds(), wanted: [.studyInstanceUID]).scan(&file, as: nil)
/// let study = header.uid(.studyInstanceUID)
/// ```
///
/// What is walked: explicit and implicit VR in both byte orders (PS3.5 7.1), sequences of defined and undefined length
/// (7.5), encapsulated pixel data (A.4), and UN of undefined length, whose inside is implicit VR little endian (6.2.2,
/// CP-246). Unknown VR letters are read as `DcmItem::readTagAndLength` reads them. Tag order and odd lengths are not
/// judged. A value type: any thread may scan.
package struct HeaderScanner: Sendable {
    package let bounds: ScanBounds
    package let wanted: Set<Tag>
    /// A wanted value of the data set that is longer than this is not one, and a sequence or a circumstance of the study
    /// is passed over (`ScannedHeader.tooLong`).
    package static let maximumWantedValue = 65_536

    package init(bounds: ScanBounds, wanted: Set<Tag>) {
        self.bounds = bounds
        self.wanted = wanted
    }

    /// Scans a Part 10 file (`as: nil`), or a bare data set in a given syntax.
    ///
    /// Fails with `.unwalkable` where a length overruns what holds it, a delimiter is missing or misplaced, a depth or
    /// count is exceeded, group 0000 or 0002 stands in the data set, group 7FE0 stands in two places, a wanted element
    /// stands twice with different values, or the data set is deflated (inflate it first); with `.tooLarge` for one
    /// value or a header beyond the bounds; with `.ioError` if reading fails.
    package func scan<Source: ByteSource>(_ source: inout Source, as syntax: TransferSyntax?)
        throws(Failure)
        -> ScannedHeader
    {
        // The walk itself is not generic: one copy, at full speed for callers in other modules.
        var window = ScanWindow(source)
        defer { if let moved = window.source as? Source { source = moved } }
        let header: ScannedHeader
        if let syntax {
            header = ScannedHeader(meta: nil, transferSyntax: syntax, dataSetOffset: 0)
        } else {
            let (meta, offset) = try Self.readMeta(&window)
            header = ScannedHeader(meta: meta, transferSyntax: meta.transferSyntax, dataSetOffset: offset)
        }
        guard !header.transferSyntax.isDeflated else {
            throw Self.unwalkable("the data set is deflated")
        }
        var walk = DataSetWalk(window, header, bounds: bounds, wanted: wanted)
        try walk.run()
        window = walk.window
        return walk.header
    }

    /// The file meta information alone, and where the data set begins. Fails like `scan`.
    package static func meta(_ source: some ByteSource) throws(Failure) -> (meta: FileMeta, dataSetOffset: Int64) {
        var window = ScanWindow(source)
        return try readMeta(&window)
    }

    static func unwalkable(_ detail: String) -> Failure {
        Failure(
            .unwalkable, .person, .instance, detail: detail,
            hint:
                "The object is damaged or not DICOM. Ask the sender for it again; nothing of it is sent on."
        )
    }

    static func tooLarge(_ detail: String) -> Failure {
        Failure(
            .tooLarge, .person, .instance, detail: detail,
            hint: "Raise the bounds under [intake.scan] if the object is right.")
    }
}
