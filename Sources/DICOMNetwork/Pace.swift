// Not faster than a site wants its line to be used.

internal import Glibc

/// Sleeps after each fragment until it is due at the wanted rate. One thread, which blocks.
struct Pace {
    private let bytesPerSecond: Int64?
    private let begin = ContinuousClock.now
    private var bytes: Int64 = 0

    init(_ bytesPerSecond: Int64?) { self.bytesPerSecond = bytesPerSecond.map { max(1, $0) } }

    mutating func sent(_ count: Int) {
        guard let bytesPerSecond else { return }
        bytes += Int64(count)
        let early = .seconds(Double(bytes) / Double(bytesPerSecond)) - (ContinuousClock.now - begin)
        guard early > .zero else { return }
        usleep(UInt32(min(early / .seconds(1), 10) * 1e6))
    }
}
