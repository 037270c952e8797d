// Randomness that comes out the same for the same seed.

/// SplitMix64 (Steele, Lea and Flood, 2014): small, quick and good enough for noise and test UIDs. Not for secrets.
package struct SeededRandom: RandomNumberGenerator, Sendable {
    private var state: UInt64

    package init(seed: UInt64) { state = seed }

    /// An independent stream of the same seed, so that slice 200 is the same whether or not slice 199 was made.
    package init(seed: UInt64, stream: UInt64) {
        var mixer = SeededRandom(seed: seed)
        state = mixer.next() ^ (stream &* 0xD134_2543_DE82_EF95)
        _ = next()
    }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// Sixteen bytes, for a UID.
    package mutating func material() -> [UInt8] {
        let halves = [next(), next()]
        return halves.flatMap { half in (0..<8).map { UInt8(truncatingIfNeeded: half >> ($0 * 8)) } }
    }
}
