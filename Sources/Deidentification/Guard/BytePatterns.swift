// Names and numbers among bytes that are not text: colour profiles, tables, compressed pixels.

/// One way in which an identifier may stand in bytes, with ASCII capitals folded.
struct ByteForm {
    /// What may not stand beside it, or it is part of something else.
    enum Edge {
        case none, letters, digits
    }

    let bytes: [UInt8]
    let kind: IdentifierKind
    let edge: Edge

    /// Shorter ones occur by chance in a study's worth of compressed pixels.
    static let shortest = 5
    static let longest = 96
}

/// Finds forms of five bytes and more at any place. Every second position is looked up in a table of 64 Kibit that knows the
/// first two windows of four bytes of each form; what passes is compared. Some 1 GB/s.
struct BytePatterns {
    private struct Candidate {
        let form: Int
        let offset: Int
    }

    private var forms: [ByteForm] = []
    private var filter: [UInt64] = []
    private var candidates: [UInt32: [Candidate]] = [:]

    init(_ all: [ByteForm] = []) {
        let usable = all.filter { (ByteForm.shortest...ByteForm.longest).contains($0.bytes.count) }
        guard !usable.isEmpty else { return }
        filter = [UInt64](repeating: 0, count: 1024)
        var known: Set<[UInt8]> = []
        for form in usable where known.insert(form.bytes).inserted {
            forms.append(form)
            for offset in 0...1 {
                let window = (0..<4).reduce(UInt32(0)) { $0 | UInt32(form.bytes[offset + $1]) << UInt32(8 * $1) }
                let folded = window | Self.caseBits
                candidates[folded, default: []].append(Candidate(form: forms.count - 1, offset: offset))
                let place = Self.place(folded)
                filter[place >> 6] |= 1 << UInt64(place & 63)
            }
        }
    }

    /// Small and capital letters, and some other bytes, are one to the table.
    private static let caseBits: UInt32 = 0x2020_2020

    @inline(__always) private static func place(_ window: UInt32) -> Int {
        Int((window &* 0x9E37_79B1) >> 16)
    }

    func search(_ value: UnsafeRawBufferPointer, _ found: inout Set<IdentifierKind>) {
        guard !forms.isEmpty, value.count >= ByteForm.shortest, let start = value.baseAddress else { return }
        let last = value.count - 4
        filter.withUnsafeBufferPointer { filter in
            var position = 0
            while position <= last {
                let stored = start.loadUnaligned(fromByteOffset: position, as: UInt32.self)
                let window = UInt32(littleEndian: stored) | Self.caseBits
                let place = Self.place(window)
                if filter[place >> 6] & (1 << UInt64(place & 63)) != 0 { compare(value, position, window, &found) }
                position += 2
            }
        }
    }

    private func compare(
        _ value: UnsafeRawBufferPointer, _ position: Int, _ window: UInt32, _ found: inout Set<IdentifierKind>
    ) {
        for candidate in candidates[window] ?? [] {
            let form = forms[candidate.form]
            let start = position - candidate.offset
            let end = start + form.bytes.count
            guard start >= 0, end <= value.count,
                form.bytes.indices.allSatisfy({ IdentifierPatterns.fold(value[start + $0]) == form.bytes[$0] }),
                stands(form, value, start, end)
            else { continue }
            found.insert(form.kind)
        }
    }

    private func stands(_ form: ByteForm, _ value: UnsafeRawBufferPointer, _ start: Int, _ end: Int) -> Bool {
        func isPart(_ index: Int) -> Bool {
            guard value.indices.contains(index) else { return false }
            let byte = IdentifierPatterns.fold(value[index])
            return form.edge == .digits ? (0x30...0x39).contains(byte) : (0x61...0x7A).contains(byte)
        }
        switch form.edge {
        case .none: return true
        case .digits: return !isPart(start - 1) && !isPart(end)
        case .letters:
            // Nobody writes a name as "tOlVa"; chance does.
            let capitals = value[start + 1..<end].count { (0x41...0x5A).contains($0) }
            let small = value[start + 1..<end].count { (0x61...0x7A).contains($0) }
            let isWritten = capitals == 0 || small == 0 && !(0x61...0x7A).contains(value[start])
            return isWritten && !isPart(start - 1) && !isPart(end)
        }
    }
}
