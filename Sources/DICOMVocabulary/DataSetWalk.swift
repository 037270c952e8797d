// The walk of the header scanner: a loop with its own stack, since recursion is what kills parsers.

struct DataSetWalk {
    private struct Frame {
        enum Kind { case root, item, sequence, fragments }
        let kind: Kind
        /// Nothing inside may pass this; for a defined length it is also where the frame ends.
        let limit: Int64
        let hasDefinedLength: Bool
        let isImplicit: Bool
        let isBigEndian: Bool
        /// In implicit VR only a dictionary knows which values are sequences. A value of defined length that begins
        /// as one is walked as one, so that a parser with a dictionary meets no depth unseen; if that fails, it was a
        /// value.
        var isGuess = false
    }

    private struct Element {
        var tag: Tag
        /// nil in implicit VR and for items and delimiters.
        var vr: VR?
        var length: UInt32
        var start: Int64
        var hasUndefinedLength: Bool
    }

    var window: ScanWindow
    private(set) var header: ScannedHeader
    private let bounds: ScanBounds
    private let wanted: Set<Tag>
    private var stack: [Frame] = []
    /// The wanted sequence of the root that is being walked.
    private var open: (tag: Tag, start: Int64, encoding: RawSequence.Encoding)?
    private var position: Int64
    private var isInBulk = false

    init(_ window: ScanWindow, _ header: ScannedHeader, bounds: ScanBounds, wanted: Set<Tag>) {
        self.window = window
        self.header = header
        self.bounds = bounds
        self.wanted = wanted
        position = header.dataSetOffset
    }

    mutating func run() throws(Failure) {
        stack.append(
            Frame(
                kind: .root, limit: window.count, hasDefinedLength: true,
                isImplicit: header.transferSyntax.isImplicitVR,
                isBigEndian: header.transferSyntax.isBigEndian))
        while let frame = stack.last {
            if position == frame.limit {
                if frame.hasDefinedLength {
                    stack.removeLast()
                    try keepOpenSequence(upTo: position)
                } else {
                    try giveUp("no delimiter before byte \(position)")
                }
            } else if try isTrailingPadding(frame) {
                break
            } else {
                try step(frame)
            }
        }
        if isInBulk { endBulk() }
        header.end = position
        guard header.headerBytes <= Int64(bounds.maximumHeader) else {
            throw HeaderScanner.tooLarge("\(header.headerBytes) bytes outside pixel data")
        }
    }

    /// Fewer than eight bytes cannot be an element. Behind the data set, and NUL, they are what a writer left to pad.
    private mutating func isTrailingPadding(_ frame: Frame) throws(Failure) -> Bool {
        let rest = frame.limit - position
        guard frame.kind == .root, rest < 8 else { return false }
        return try window.bytes(at: position, count: Int(rest)).allSatisfy { $0 == 0 }
    }

    /// Walks one header.
    private mutating func step(_ frame: Frame) throws(Failure) {
        header.elements += 1
        guard header.elements <= bounds.maximumElements else {
            throw HeaderScanner.unwalkable("more than \(bounds.maximumElements) elements")
        }
        guard let element = try readElement(frame) else {
            return try giveUp("an element is cut off at byte \(position)")
        }
        if !element.hasUndefinedLength, Int64(element.length) > frame.limit - element.start {
            return try giveUp("\(element.tag) at byte \(position) overruns what holds it")
        }
        switch frame.kind {
        case .root:
            try noteRoot(element)
            try enter(element, frame)
        case .item where element.tag == .itemDelimitationItem: try close(element, frame)
        case .item: try enter(element, frame)
        case .sequence, .fragments: try enterItem(element, frame)
        }
    }

    /// Tag, VR and length; nil if the frame has no room for them.
    private mutating func readElement(_ frame: Frame) throws(Failure) -> Element? {
        guard frame.limit - position >= 8 else { return nil }
        let tag = try window.tag(at: position, bigEndian: frame.isBigEndian)
        var element = Element(
            tag: tag, vr: nil, length: 0, start: position + 8, hasUndefinedLength: false)
        if frame.isImplicit || tag.group == 0xFFFE {
            element.length = try window.uint32(at: position + 4, bigEndian: frame.isBigEndian)
            element.hasUndefinedLength = element.length == .max
            return element
        }
        let explicit = ExplicitVR(try window.letters(at: position + 4))
        element.vr = explicit.vr
        if explicit.hasLongLength {
            guard frame.limit - position >= 12 else { return nil }
            element.length = try window.uint32(at: position + 8, bigEndian: frame.isBigEndian)
            element.start = position + 12
            element.hasUndefinedLength = element.length == .max
        } else {
            element.length = UInt32(try window.uint16(at: position + 6, bigEndian: frame.isBigEndian))
        }
        return element
    }

    /// An element of the data set or of an item.
    private mutating func enter(_ element: Element, _ frame: Frame) throws(Failure) {
        guard element.tag.group != 0xFFFE else {
            return try giveUp("misplaced \(element.tag) at byte \(position)")
        }
        let isPixelData = element.tag == .pixelData
        if element.hasUndefinedLength {
            switch element.vr {
            case nil where isPixelData, .OB, .OW:
                try push(
                    .fragments, element, frame, implicit: frame.isImplicit, bigEndian: frame.isBigEndian)
            case nil, .SQ:
                try push(
                    .sequence, element, frame, implicit: frame.isImplicit, bigEndian: frame.isBigEndian)
            case .UN:
                try push(.sequence, element, frame, implicit: true, bigEndian: false)
            default:
                try giveUp("\(element.tag) of VR \(element.vr?.rawValue ?? "") has an undefined length")
            }
        } else if element.vr == .SQ {
            try push(.sequence, element, frame, implicit: frame.isImplicit, bigEndian: frame.isBigEndian)
        } else if element.vr == nil, element.tag.group != 0x7FE0, element.length >= 8,
            try window.tag(at: element.start, bigEndian: frame.isBigEndian) == .item
        {
            // A dictionary can know better than the guess: a wanted value is one whatever it looks like.
            if isWanted(element, frame) { try keep(element, Int(element.length)) }
            try push(
                .sequence, element, frame, implicit: true, bigEndian: frame.isBigEndian, isGuess: true)
        } else {
            try skip(element, frame)
        }
    }

    /// What may stand in a sequence or between fragments: an item, or the delimiter.
    private mutating func enterItem(_ element: Element, _ frame: Frame) throws(Failure) {
        switch element.tag {
        case .sequenceDelimitationItem:
            try close(element, frame)
        case .item where frame.kind == .sequence:
            let limit = element.hasUndefinedLength ? frame.limit : element.start + Int64(element.length)
            stack.append(
                Frame(
                    kind: .item, limit: limit, hasDefinedLength: !element.hasUndefinedLength,
                    isImplicit: frame.isImplicit, isBigEndian: frame.isBigEndian))
            position = element.start
        case .item where !element.hasUndefinedLength:
            try skip(element, frame)
        default:
            try giveUp("\(element.tag) at byte \(position) where an item was expected")
        }
    }

    /// A delimiter. With a defined length there should be none; as its last eight bytes it changes nothing.
    private mutating func close(_ element: Element, _ frame: Frame) throws(Failure) {
        guard element.length == 0, !frame.hasDefinedLength || element.start == frame.limit else {
            return try giveUp("misplaced \(element.tag) at byte \(position)")
        }
        stack.removeLast()
        try keepOpenSequence(upTo: position)
        position = element.start
    }

    private mutating func push(
        _ kind: Frame.Kind, _ element: Element, _ frame: Frame, implicit: Bool, bigEndian: Bool,
        isGuess: Bool = false
    ) throws(Failure) {
        // Root is one frame, and each sequence with its item two.
        let depth = (stack.count + 1) / 2
        guard depth <= bounds.maximumDepth else {
            throw HeaderScanner.unwalkable(
                "sequences nest deeper than \(bounds.maximumDepth) at byte \(position)")
        }
        if kind == .sequence { header.depth = max(header.depth, depth) }
        let limit = element.hasUndefinedLength ? frame.limit : element.start + Int64(element.length)
        stack.append(
            Frame(
                kind: kind, limit: limit, hasDefinedLength: !element.hasUndefinedLength,
                isImplicit: implicit,
                isBigEndian: bigEndian, isGuess: isGuess))
        if frame.kind == .root, kind == .sequence, isWantedSequence(element.tag),
            header.sequences[element.tag] == nil
        {
            open = (
                element.tag, element.start,
                implicit ? .implicitLittleEndian : bigEndian ? .explicitBigEndian : .explicitLittleEndian
            )
        }
        position = element.start
    }

    /// A value that is not looked into.
    private mutating func skip(_ element: Element, _ frame: Frame) throws(Failure) {
        let length = Int(element.length)
        guard isInBulk || length <= bounds.maximumValue else {
            throw HeaderScanner.tooLarge("\(element.tag) has \(length) bytes")
        }
        if isWanted(element, frame) { try keep(element, length) }
        position = element.start + Int64(length)
    }

    private func isWanted(_ element: Element, _ frame: Frame) -> Bool {
        frame.kind == .root && wanted.contains(element.tag) && !StudyIdentity.sequenceTags.contains(element.tag)
    }

    private func isWantedSequence(_ tag: Tag) -> Bool {
        StudyIdentity.sequenceTags.contains(tag) && wanted.contains(tag)
    }

    /// After a frame was left: if that was the wanted sequence, its items end at `end`.
    private mutating func keepOpenSequence(upTo end: Int64) throws(Failure) {
        guard let sequence = open, stack.count == 1 else { return }
        open = nil
        let length = end - sequence.start
        guard length <= Int64(HeaderScanner.maximumWantedValue) else {
            header.tooLong.append(sequence.tag)
            return
        }
        header.sequences[sequence.tag] = RawSequence(
            tag: sequence.tag, encoding: sequence.encoding,
            items: try window.bytes(at: sequence.start, count: Int(length)))
    }

    private mutating func keep(_ element: Element, _ length: Int) throws(Failure) {
        guard length <= HeaderScanner.maximumWantedValue else {
            if StudyIdentity.isDispensable(element.tag) { return header.tooLong.append(element.tag) }
            throw HeaderScanner.tooLarge("\(element.tag) has \(length) bytes")
        }
        var value = try window.bytes(at: element.start, count: length)
        // Without a VR, the numbers that callers ask for are known by their tags (PS3.6: 0028,0002–0103 and
        // Pregnancy Status are US).
        let isText =
            element.vr.map { $0.isText || $0 == .UN || $0 == .unknown } ?? !Self.isNumber(element.tag)
        if isText {
            while let last = value.last, last == 0 || last == 0x20 { value.removeLast() }
        }
        if let first = header.values[element.tag], first != value {
            throw HeaderScanner.unwalkable("\(element.tag) stands twice with different values")
        }
        header.values[element.tag] = value
    }

    private static func isNumber(_ tag: Tag) -> Bool {
        tag == Tag(0x0010, 0x21C0)
            || tag.group == 0x0028
                && [0x0002, 0x0006, 0x0010, 0x0011, 0x0100, 0x0101, 0x0102, 0x0103].contains(tag.element)
    }

    /// Keeps account of where group 7FE0 begins and ends in the data set.
    private mutating func noteRoot(_ element: Element) throws(Failure) {
        let group = element.tag.group
        // They would be taken for a command set or for file meta information when the file is read again.
        guard group != 0x0000, group != 0x0002 else {
            throw HeaderScanner.unwalkable("\(element.tag) in a data set")
        }
        guard group == 0x7FE0 else {
            if isInBulk { endBulk() }
            return
        }
        if !isInBulk {
            // Bulk is sent as one range, so nothing that identifies may hide inside it.
            guard header.bulk == nil else {
                throw HeaderScanner.unwalkable("group 7FE0 stands in two places")
            }
            header.bulk = position..<position
            isInBulk = true
        }
        guard header.bulkTags.count < 64 else {
            throw HeaderScanner.unwalkable("more than 64 elements in group 7FE0")
        }
        header.bulkTags.append(element.tag)
    }

    private mutating func endBulk() {
        if let bulk = header.bulk { header.bulk = bulk.lowerBound..<position }
        isInBulk = false
    }

    /// The innermost guess turns out to be a value and is passed over; without one, the object cannot be walked.
    /// Either way no byte is looked at twice.
    private mutating func giveUp(_ detail: String) throws(Failure) {
        guard let guess = stack.lastIndex(where: \.isGuess) else {
            throw HeaderScanner.unwalkable(detail)
        }
        position = stack[guess].limit
        stack.removeSubrange(guess...)
        if stack.count == 1 { open = nil }
    }
}
