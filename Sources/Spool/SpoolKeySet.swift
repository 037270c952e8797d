// The keys of very many files at once.

package import DICOMVocabulary
import Glibc

/// Sixteen bytes for each key, so that a start with a million files needs no memory that it would keep.
package struct SpoolKeySet: Sendable {
    private var keys: [UInt128] = []

    package init() {}

    package var count: Int { keys.count }

    /// False for what is no key of a spool: then no file has it.
    package mutating func insert(_ key: String) -> Bool {
        guard let number = Self.number(key) else { return false }
        keys.append(number)
        return true
    }

    fileprivate static func number(_ key: String) -> UInt128? {
        guard SpoolDirectory.isKey(key) else { return nil }
        return key.utf8.reduce(UInt128(0)) { number, digit in
            number << 4 | UInt128(digit < 0x3A ? digit - 0x30 : digit - 0x61 + 10)
        }
    }

    fileprivate static func text(_ number: UInt128) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 32 - digits.count) + digits
    }

    /// In order, each once.
    fileprivate func sorted() -> [UInt128] {
        var result: [UInt128] = []
        result.reserveCapacity(keys.count)
        for key in keys.sorted() where result.last != key { result.append(key) }
        return result
    }
}

extension SpoolDirectory {
    /// Reads every shelf once and compares it with what should be there. Files that `expected` has not and that are not
    /// `known` either are moved to `orphans/`, where a person finds them; what `expected` has and no shelf is given back.
    /// Call it before any worker writes: a file becomes durable before its row. Blocks.
    package func compare(
        with expected: SpoolKeySet, known: (String) -> Bool
    ) throws(Failure) -> (orphans: Int, missing: [String]) {
        let keys = expected.sorted()
        var isHere = [Bool](repeating: false, count: keys.count)
        var aside = 0
        for shelf in try names(in: objects) {
            for name in try names(in: "\(objects)/\(shelf)") where name.hasSuffix(".dcm") {
                let key = String(name.dropLast(4))
                guard let number = SpoolKeySet.number(key) else { continue }
                if let place = Self.place(of: number, in: keys), key.hasPrefix(shelf) {
                    isHere[place] = true
                    continue
                }
                guard !known(key) else { continue }
                // A loss of power may leave the place of an unfinished file and take its second name.
                let isWhole = isFinished(key)
                if !isWhole, size(key) == 0 {
                    try remove(key)
                    continue
                }
                let target = isWhole ? orphanPath(of: key) : unsyncedPath(of: key)
                guard calls.rename("\(objects)/\(shelf)/\(name)", target) == 0 else {
                    throw .spool("set an orphan aside", errno)
                }
                aside += 1
            }
        }
        if aside > 0 { try synchronise(folder: orphans) }
        return (aside, zip(keys, isHere).filter { !$0.1 }.map { SpoolKeySet.text($0.0) })
    }

    private static func place(of key: UInt128, in keys: [UInt128]) -> Int? {
        var low = 0
        var high = keys.count
        while low < high {
            let middle = (low + high) / 2
            if keys[middle] < key { low = middle + 1 } else { high = middle }
        }
        return low < keys.count && keys[low] == key ? low : nil
    }
}
