// Private attributes: removed, unless Table E.3.10-1 calls them safe (PS3.15 E.3.10).

internal import DICOM
internal import DICOMVocabulary

/// The private blocks of one item. A reservation holds in its own item only (PS3.5 7.8.1).
struct PrivateBlocks {
    /// By the group and the block's number, as the creator's tag.
    let creators: [Tag: String]

    init(_ elements: [DataSetElement]) {
        var creators: [Tag: String] = [:]
        for element in elements where element.tag.isPrivateCreator {
            creators[element.tag] = String(decoding: element.value, as: UTF8.self)
        }
        self.creators = creators
    }

    static func creatorTag(of tag: Tag) -> Tag { Tag(tag.group, tag.element >> 8) }

    func creator(of tag: Tag) -> String? { tag.element >= 0x1000 ? creators[Self.creatorTag(of: tag)] : nil }
}

extension PseudonymisationRun {
    func walkPrivate(
        _ element: DataSetElement, in item: DataSetItem, _ blocks: PrivateBlocks, _ place: Place
    ) throws(Failure) {
        // Creators are looked at when their blocks are done.
        if element.tag.isPrivateCreator, blocks.creators[element.tag] != nil, element.tag.group > 7 { return }
        guard profile.options.contains(.retainSafePrivate), element.tag.group > 7, element.tag.group != 0xFFFF,
            let creator = blocks.creator(of: element.tag)
        else { return remove(element, item) }
        let safe = SafePrivateTable.standard.representations(of: element.tag, creator: creator)
        guard !safe.isEmpty else { return remove(element, item) }
        if element.vr == .UN, safe.count == 1, let vr = safe.first {
            // Implicit VR does not say what a value is, the table does.
            guard SafePrivateValue.fits(element.value, vr) else { return remove(element, item) }
            try item.set(element.tag, vr, element.value)
            guard let typed = item[element.tag] else { return }
            return try keepPrivate(typed, in: item, place)
        }
        guard safe.contains(element.vr) else { return remove(element, item) }
        try keepPrivate(element, in: item, place)
    }

    /// Text is cleaned and sequences are walked all the same: the list is informative, and no vendor answers for it.
    private func keepPrivate(_ element: DataSetElement, in item: DataSetItem, _ place: Place) throws(Failure) {
        switch element.vr {
        case .SQ: try walkItems(element, place)
        case .UI: try replaceUIDs(element, in: item)
        case .LO, .SH, .ST, .LT, .UT, .UC: try clean(element, .empty, in: item, place)
        default: count(.keep)
        }
    }

    private func remove(_ element: DataSetElement, _ item: DataSetItem) {
        item.remove(element.tag)
        count(.remove)
    }

    /// A creator stays only where an element of its block stays.
    func removeUnusedCreators(_ item: DataSetItem, _ blocks: PrivateBlocks) {
        guard !blocks.creators.isEmpty else { return }
        let used = Set(
            item.elements.filter { $0.tag.isPrivate && $0.tag.element >= 0x1000 }
                .map { PrivateBlocks.creatorTag(of: $0.tag) })
        for tag in blocks.creators.keys where !used.contains(tag) {
            item.remove(tag)
            count(.remove)
        }
    }
}

/// Whether bytes of unknown representation can be what the safe private list says they are.
enum SafePrivateValue {
    static func fits(_ value: [UInt8], _ vr: VR) -> Bool {
        if !vr.isText, spells(value) { return false }
        return switch vr {
        case .DS, .IS: value.allSatisfy { "0123456789+-.eE\\ \0".utf8.contains($0) }
        case .CS:
            value.allSatisfy {
                (0x41...0x5A).contains($0) || (0x30...0x39).contains($0) || "_ \\\0".utf8.contains($0)
            }
        case .US, .SS: value.count % 2 == 0
        case .FL, .UL, .SL, .AT: value.count % 4 == 0
        case .FD, .SV, .UV: value.count % 8 == 0
        default: false
        }
    }

    /// Six bytes and more of which each can be printed are a text, whatever the tag says.
    static func spells(_ value: [UInt8]) -> Bool {
        var text = value[...]
        while text.last == 0 { text.removeLast() }
        return text.count >= 6 && text.allSatisfy { (0x20...0x7E).contains($0) }
    }
}
