// A port scan must not fill the journal: what is refused at the door is one row for each peer, reason and minute.

import Foundation

/// Counts what repeats. The first of its kind is written at once; the others of that minute become one row that says how
/// many they were. Pure: the caller tells the time and writes.
struct DoorTally {
    struct Key: Hashable {
        var kind: String
        var address: String
        var listener: String
        var reason: String
    }
    /// One row, for `count` more after the first.
    struct Repeats: Equatable {
        var kind: String
        var detail: String
    }
    private struct Entry {
        var began: Date
        var more = 0
    }

    static let window = 60.0
    /// Different keys in a minute; what comes from still more addresses is counted together.
    static let maximumKeys = 256

    private var entries: [Key: Entry] = [:]

    /// Whether this one is to be written now.
    mutating func isNews(_ key: Key, at time: Date) -> Bool {
        var key = key
        if entries[key] == nil, entries.count >= Self.maximumKeys {
            key.address = "other addresses"
            key.reason = "and other reasons"
        }
        guard var entry = entries[key] else {
            entries[key] = Entry(began: time)
            return true
        }
        entry.more += 1
        entries[key] = entry
        return false
    }

    /// Rows of the minutes that are over (or, at the end, of all), which are forgotten with that.
    mutating func due(at time: Date, all: Bool = false) -> [Repeats] {
        // A clock that was set back ends the minute too.
        let over = entries.filter { all || abs(time.timeIntervalSince($0.value.began)) >= Self.window }
        for key in over.keys { entries[key] = nil }
        return over.filter { $0.value.more > 0 }
            .map { key, entry in
                Repeats(
                    kind: key.kind,
                    detail: "\(key.address) on \(key.listener): \(key.reason), \(entry.more) more within a minute")
            }
            .sorted { $0.detail < $1.detail }
    }
}
