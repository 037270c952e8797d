// Whether compression pays on this lane, by what was measured on it.

/// Compares the seconds that a byte of the original takes, compressed and as received, each as a moving average over the
/// instances that this lane sent. Compression comes first; the other way is tried now and then, so that a line that
/// becomes faster or slower is noticed. Where the codec is a small part of an instance's time nothing is tried: the other way
/// could gain no more than that part, and each trial would put an uncompressed object on a line that is narrow. Pure.
struct CompressionChoice {
    /// Share of a new measurement in the average.
    private static let weight = 0.25
    /// After so many instances in one way the other is tried.
    private static let probe = 24
    /// The codec's part of an instance's time up to which there is nothing to try.
    private static let smallPart = 0.1
    /// Small objects are all round trip, and say nothing of the line.
    static let minimum: Int64 = 64 << 10

    private var compressed: Double?
    /// What of `compressed` is the codec's work.
    private var codec: Double?
    private var plain: Double?
    private var since = 0

    /// What to do with the next instance.
    var wantsCompression: Bool {
        guard let compressed, let codec, codec > compressed * Self.smallPart else { return true }
        // The first ones compressed are enough to begin with: a single probe at once would cost a slow line seconds.
        guard let plain else { return since < Self.probe / 3 }
        let better = compressed <= plain
        return since < Self.probe ? better : !better
    }

    /// One instance went: `bytes` of the original in `seconds`, from the beginning of its preparation to its answer.
    /// - Parameter codec: seconds of it that compressing took; nil when it went as received.
    mutating func sent(bytes: Int64, seconds: Double, codec: Double?) {
        guard bytes >= Self.minimum, seconds > 0 else { return }
        let isCompressed = codec != nil
        let wasProbe = compressed != nil && isCompressed != wantsUsually
        let cost = seconds / Double(bytes)
        // What was measured one probe ago says nothing of the line as it is now.
        if let codec {
            let part = codec / Double(bytes)
            self.codec = wasProbe ? part : Self.mixed(self.codec, part)
            compressed = wasProbe ? cost : Self.mixed(compressed, cost)
        } else {
            plain = wasProbe ? cost : Self.mixed(plain, cost)
        }
        since = wasProbe ? 0 : since + 1
    }

    private var wantsUsually: Bool {
        guard let compressed, let plain else { return true }
        return compressed <= plain
    }

    private static func mixed(_ old: Double?, _ new: Double) -> Double {
        guard let old else { return new }
        return old + (new - old) * weight
    }
}
