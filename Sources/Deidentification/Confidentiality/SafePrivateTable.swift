// Table E.3.10-1 as values.

package import DICOMVocabulary

/// Private attributes that vendors or practice call safe (PS3.15 E.3.10). What is not in it is removed.
package struct SafePrivateTable: Sendable {
    package struct Key: Hashable, Sendable {
        let group: UInt16
        /// The last two digits of the element; the block is chosen by the creator (PS3.5 7.8.1).
        let element: UInt8
        let creator: String
    }

    /// The value representations under which an attribute is safe. Rows without one in the table are not used.
    package let representations: [Key: Set<VR>]

    package static let standard = SafePrivateTable(source + supplement)

    /// Numbers that readers cannot do without and the table does not list: the gradient directions of GE, of Philips and of
    /// United Imaging, with UIH's b-value.
    private static let supplement = """

        0019BB|DS|GEMS_ACQU_01
        0019BC|DS|GEMS_ACQU_01
        0019BD|DS|GEMS_ACQU_01
        006509|FD|Image Private Header
        006537|FD|Image Private Header
        2005B0|FL|Philips MR Imaging DD 001
        2005B1|FL|Philips MR Imaging DD 001
        2005B2|FL|Philips MR Imaging DD 001
        """

    init(_ source: String) {
        var all: [Key: Set<VR>] = [:]
        for line in source.split(separator: "\n") {
            let fields = line.split(separator: "|", omittingEmptySubsequences: false)
            guard fields.count == 3, let number = UInt32(fields[0], radix: 16) else { continue }
            let vrs = fields[1].split(separator: ",").compactMap { VR(rawValue: String($0)) }
            let key = Key(
                group: UInt16(truncatingIfNeeded: number >> 8), element: UInt8(truncatingIfNeeded: number),
                creator: fields[2].uppercased())
            all[key, default: []].formUnion(vrs)
        }
        representations = all
    }

    /// The representations under which a private element of a block reserved by `creator` may stay; empty if none. The
    /// creator counts in capitals and small letters alike, as Philips writes its own.
    package func representations(of tag: Tag, creator: String) -> Set<VR> {
        representations[
            Key(group: tag.group, element: UInt8(truncatingIfNeeded: tag.element), creator: creator.uppercased())] ?? []
    }
}
