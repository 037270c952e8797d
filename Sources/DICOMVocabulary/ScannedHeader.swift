// What the header scanner found out.

/// The file meta information (PS3.10 section 7.1) as far as it steers the reading of the data set.
package struct FileMeta: Sendable, Hashable {
    /// (0002,0010)
    package var transferSyntax: TransferSyntax
    /// (0002,0002) and (0002,0003), where they are there.
    package var sopClass: UID?
    package var sopInstance: UID?

    package init(transferSyntax: TransferSyntax, sopClass: UID? = nil, sopInstance: UID? = nil) {
        self.transferSyntax = transferSyntax
        self.sopClass = sopClass
        self.sopInstance = sopInstance
    }
}

/// A data set that could be walked from its first element to its last. Offsets count from the start of the source.
package struct ScannedHeader: Sendable {
    /// nil for a bare data set.
    package var meta: FileMeta?
    package var transferSyntax: TransferSyntax
    /// The first byte after the file meta information.
    package var dataSetOffset: Int64
    /// Wanted elements of the data set itself, never of a sequence's item: the value's bytes as they stand, without
    /// the padding at the end of text. Numbers are in the byte order of the transfer syntax.
    package var values: [Tag: [UInt8]] = [:]
    /// Wanted sequences of `StudyIdentity.sequences` in the data set itself; of two with one tag the first.
    package var sequences: [Tag: RawSequence] = [:]
    /// Wanted, there, and longer than `HeaderScanner.maximumWantedValue`: of what an object can go without.
    package var tooLong: [Tag] = []
    /// From the tag of the first root element of group 7FE0 to the end of the last. Nothing else is in between.
    package var bulk: Range<Int64>?
    /// Which elements `bulk` is made of; whoever sends it unseen has to like each of them.
    package var bulkTags: [Tag] = []
    /// The end of the data set. Up to seven NUL bytes that a writer left behind it are not part of it.
    package var end: Int64
    /// Elements, items and delimiters that were walked over.
    package var elements = 0
    /// Of the deepest sequence; 0 without any.
    package var depth = 0

    package init(meta: FileMeta?, transferSyntax: TransferSyntax, dataSetOffset: Int64) {
        self.meta = meta
        self.transferSyntax = transferSyntax
        self.dataSetOffset = dataSetOffset
        end = dataSetOffset
    }

    /// Bytes of the data set outside `bulk`: what a parser has to hold in memory.
    package var headerBytes: Int64 {
        end - dataSetOffset - (bulk.map { $0.upperBound - $0.lowerBound } ?? 0)
    }

    /// A wanted value of the default repertoire (UI, CS, DA, IS…), without the spaces around it. nil where the element
    /// is absent or empty. Not for names and descriptions: those are in the Specific Character Set.
    package func text(_ tag: Tag) -> String? {
        guard let bytes = values[tag], let first = bytes.firstIndex(where: { $0 != 0x20 }) else {
            return nil
        }
        return String(decoding: bytes[first...], as: UTF8.self)
    }

    package func uid(_ tag: Tag) -> UID? { text(tag).map { UID($0) } }

    /// A wanted value of VR US.
    package func unsigned(_ tag: Tag) -> UInt16? {
        guard let bytes = values[tag], bytes.count >= 2 else { return nil }
        return transferSyntax.isBigEndian
            ? UInt16(bytes[0]) << 8 | UInt16(bytes[1]) : UInt16(bytes[1]) << 8 | UInt16(bytes[0])
    }
}
