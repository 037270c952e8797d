// The header of the next image of a series, from what became of the one before.

internal import DICOM
package import DICOMVocabulary
import Glibc

/// The slices of a series say the same hundreds of things, and a few numbers of their own. Made from a header before and after
/// `Deidentifier.pseudonymise`, it does the same for a header that is byte for byte alike but for values whose treatment
/// their tag and representation alone decide (`ValueTreatment`), at a hundredth of the cost. Whatever else differs is no
/// repetition, and goes the whole way. The guard searches the result as it searches every other.
package struct RepeatedHeader {
    /// A header as it leaves.
    package struct Next: Equatable {
        package let bytes: [UInt8]
        /// SOP Instance UID (0008,0018) as received and as it leaves.
        package let original: UID
        package let pseudonym: UID
    }

    /// A place where the source may say something else.
    private struct Slot {
        let tag: Tag
        let vr: VR
        let treatment: ValueTreatment
        /// What stands before the length.
        let head: [UInt8]
        let isLong: Bool
        /// Of the value, when the header was made.
        let count: Int
    }

    private enum Piece {
        case fixed([UInt8])
        case value(slot: Int, head: [UInt8], isLong: Bool)
    }

    /// One more than slots: what stands between them.
    private let fixed: [[UInt8]]
    private let slots: [Slot]
    private let leaving: [Piece]
    private let key: [UInt8]

    /// `source` is the encoded data set before group 7FE0, `left` what it became; nothing stood behind that group.
    /// `representations`: of the source's top level, where its implicit VR does not tell them. nil where the two do not show
    /// what the treatments promise, or the instance's UID stands in a second place.
    package init?(
        _ source: [UInt8], _ sourceSyntax: TransferSyntax, representations: [Tag: VR] = [:], left: [UInt8],
        _ leftSyntax: TransferSyntax, profile: DeidentificationProfile, uidKey: [UInt8]
    ) {
        guard !sourceSyntax.isBigEndian, !leftSyntax.isBigEndian,
            let said = Self.elements(source, sourceSyntax, representations),
            let remaining = Self.elements(left, leftSyntax, [:])
        else { return nil }
        key = uidKey
        let family = ObjectFamily(
            sopClass: UID(
                said.first { $0.tag == .sopClassUID }.map { String(decoding: source[$0.value], as: UTF8.self) } ?? ""))
        let creators = Dictionary(
            said.filter { $0.tag.isPrivateCreator }
                .map { ($0.tag, String(decoding: source[$0.value].prefix { $0 != 0 }, as: UTF8.self)) },
            uniquingKeysWith: { first, _ in first })
        let places = Dictionary(grouping: remaining, by: \.tag)
        let times = Dictionary(said.map { ($0.tag, 1) }, uniquingKeysWith: +)

        var (fixed, slots): ([[UInt8]], [Slot]) = ([], [])
        var written: [Tag: Int] = [:]
        var end = 0
        for element in said where times[element.tag] == 1 {
            guard let vr = element.vr else { continue }
            let creator =
                element.tag.element >= 0x1000
                ? creators[PrivateBlocks.creatorTag(of: element.tag)].map(Self.trimmed) : nil
            let treatment = profile.treatment(of: element.tag, vr, creator: creator, in: family)
            let value = Array(source[element.value])
            let places = places[element.tag] ?? []
            switch treatment {
            case .counts: continue
            case .isConstant:
                // A private one is always removed.
                guard
                    element.tag.isPrivate ? places.isEmpty : !places.contains(where: { Array(left[$0.value]) == value })
                else { continue }
            case .stays:
                guard places.count == 1, let place = places.first, place.vr ?? vr == vr,
                    Array(left[place.value]) == value, Self.keepsItsBytes(value, vr)
                else { continue }
                written[element.tag] = slots.count
            case .isOwnUID:
                guard places.count == 1, let place = places.first,
                    let pseudonym = Self.pseudonym(of: Self.uid(value), uidKey),
                    Array(left[place.value]) == Self.padded(pseudonym)
                else { return nil }
                written[element.tag] = slots.count
            }
            fixed.append(Array(source[end..<element.start]))
            slots.append(
                Slot(
                    tag: element.tag, vr: vr, treatment: treatment,
                    head: Array(source[element.start..<element.lengthAt]),
                    isLong: element.isLong, count: value.count))
            end = element.value.upperBound
        }
        fixed.append(Array(source[end...]))
        guard let own = slots.first(where: { $0.treatment == .isOwnUID }), written[own.tag] != nil,
            let place = said.first(where: { $0.tag == own.tag }),
            Self.isAlone(Self.uid(Array(source[place.value])), in: source)
        else { return nil }

        var leaving: [Piece] = []
        end = 0
        for element in remaining {
            guard let slot = written[element.tag] else { continue }
            leaving.append(.fixed(Array(left[end..<element.start])))
            leaving.append(
                .value(slot: slot, head: Array(left[element.start..<element.lengthAt]), isLong: element.isLong))
            end = element.value.upperBound
        }
        leaving.append(.fixed(Array(left[end...])))
        (self.fixed, self.slots, self.leaving) = (fixed, slots, leaving)
    }

    /// nil where `source` is not the same header with other numbers.
    package func next(_ source: [UInt8]) -> Next? {
        guard let values = values(in: source) else { return nil }
        var (original, pseudonym): (UID?, UID?) = (nil, nil)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(source.count + 1024)
        for piece in leaving {
            switch piece {
            case .fixed(let run): bytes += run
            case .value(let index, let head, let isLong):
                var value = source[values[index]]
                if slots[index].treatment == .isOwnUID {
                    let uid = Self.uid(Array(value))
                    guard Self.isAlone(uid, in: source), let made = Self.pseudonym(of: uid, key) else { return nil }
                    (original, pseudonym) = (uid, made)
                    value = Self.padded(made)[...]
                } else if !Self.keepsItsBytes(Array(value), slots[index].vr) {
                    return nil
                }
                // Longer text is written as UN (PS3.5 6.2.2).
                guard isLong || value.count < 0xFFFF else { return nil }
                bytes += head
                let length = UInt32(value.count)
                for shift in stride(from: UInt32(0), to: isLong ? 32 : 16, by: 8) {
                    bytes.append(UInt8(truncatingIfNeeded: length >> shift))
                }
                bytes += value
            }
        }
        guard let original, let pseudonym else { return nil }
        return Next(bytes: bytes, original: original, pseudonym: pseudonym)
    }

    /// Where the slots' values stand in a header whose other bytes are the same.
    private func values(in source: [UInt8]) -> [Range<Int>]? {
        source.withUnsafeBytes { bytes in
            var offset = 0
            func skip(_ run: [UInt8]) -> Bool {
                guard bytes.count - offset >= run.count else { return false }
                defer { offset += run.count }
                guard let base = bytes.baseAddress else { return run.isEmpty }
                return memcmp(base + offset, run, run.count) == 0
            }
            var values: [Range<Int>] = []
            values.reserveCapacity(slots.count)
            for (run, slot) in zip(fixed, slots) {
                guard skip(run), skip(slot.head), bytes.count - offset >= (slot.isLong ? 4 : 2) else { return nil }
                let length =
                    slot.isLong
                    ? Int(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)))
                    : Int(UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt16.self)))
                offset += slot.isLong ? 4 : 2
                guard length <= bytes.count - offset, slot.vr.isText || slot.treatment != .stays || length == slot.count
                else { return nil }
                values.append(offset..<offset + length)
                offset += length
            }
            return skip(fixed[slots.count]) && offset == bytes.count ? values : nil
        }
    }

    // MARK: Values

    /// Whether DCMTK writes a text as it read it: nothing to pad, to strip or to mistake (DcmByteString::makeDicomByteString).
    private static func keepsItsBytes(_ value: [UInt8], _ vr: VR) -> Bool {
        guard vr.isText else { return true }
        guard value.count % 2 == 0, value.allSatisfy({ (0x20...0x7E).contains($0) }) else { return false }
        return value.count < 2 || !value.suffix(2).elementsEqual([0x20, 0x20])
    }

    private static func uid(_ value: [UInt8]) -> UID { UID(String(decoding: value, as: UTF8.self)) }

    /// nil for a value that the whole way would treat otherwise.
    private static func pseudonym(of uid: UID, _ key: [UInt8]) -> UID? {
        guard uid.isValid, UIDReplacement.isReplaced(uid) else { return nil }
        var replacement = UIDReplacement(key: key)
        return replacement.pseudonym(of: uid)
    }

    private static func padded(_ uid: UID) -> [UInt8] {
        let bytes = Array(uid.string.utf8)
        return bytes.count % 2 == 0 ? bytes : bytes + [0]
    }

    /// Another mention of it, a reference or a remark, is treated by what it says.
    private static func isAlone(_ uid: UID, in bytes: [UInt8]) -> Bool {
        let wanted = Array(uid.string.utf8)
        guard !wanted.isEmpty else { return false }
        return bytes.withUnsafeBytes { all in
            var (found, offset) = (0, 0)
            while let base = all.baseAddress, offset + wanted.count <= all.count,
                let first = memchr(base + offset, Int32(wanted[0]), all.count - wanted.count + 1 - offset)
            {
                if memcmp(first, wanted, wanted.count) == 0 { found += 1 }
                offset = UnsafeRawPointer(first) - base + 1
            }
            return found == 1
        }
    }

    private static func trimmed(_ text: String) -> String {
        String(text.reversed().drop { $0 == " " }.reversed())
    }

    // MARK: Elements

    private struct Element {
        let tag: Tag
        let vr: VR?
        let start: Int
        let lengthAt: Int
        let isLong: Bool
        let value: Range<Int>
    }

    /// Those of the top level that have a value of their own; nil if the bytes do not make a data set.
    private static func elements(
        _ bytes: [UInt8], _ syntax: TransferSyntax, _ representations: [Tag: VR]
    ) -> [Element]? {
        bytes.withUnsafeBytes { buffer in
            var all: [Element] = []
            var walk = EncodedWalk(bytes: buffer, transferSyntax: syntax)
            let isWhole = walk.forEach { walk, tag, vr, value in
                guard walk.path.isEmpty else { return }
                // Tag and length; or tag, representation and length, with two bytes between for the long ones (PS3.5 7.1.2).
                let isLong = vr?.hasLongLength ?? true
                let size = vr == nil || !isLong ? 8 : 12
                all.append(
                    Element(
                        tag: tag, vr: vr ?? representations[tag], start: value.lowerBound - size,
                        lengthAt: value.lowerBound - (isLong ? 4 : 2), isLong: isLong, value: value))
            }
            // What stands in a value of undefined length that is no sequence DCMTK reads otherwise (PS3.5 6.2.2).
            return isWhole && !walk.isAmbiguous ? all : nil
        }
    }
}
