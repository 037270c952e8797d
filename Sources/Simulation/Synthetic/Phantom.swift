// Pictures that look enough like a chest or a head to be worth sending.

/// Draws the slices of a phantom: nested ellipses of tissue with noise, changing slowly from slice to slice.
///
/// A slice is put together from copied runs of noise, one for each row and tissue, because even a debug build has to
/// make a study of 300 slices of 512 × 512 in a few seconds.
struct Phantom: Sendable {
    /// An organ in a unit square whose centre is the origin; it fades in and out along the body (0…1).
    struct Ellipse: Sendable {
        var tissue: Int
        var x: Double
        var y: Double
        var width: Double
        var height: Double
        var from = 0.0
        var to = 1.0
    }

    let rows: Int
    let columns: Int
    private let ellipses: [Ellipse]
    private let seed: UInt64
    /// One run of noisy values for each tissue, longer than a row, from which rows are cut at random places.
    private let strips: [[UInt16]]

    /// - Parameter tissues: mean stored values; `noise` is the half-width of a triangular distribution around them.
    init(rows: Int, columns: Int, tissues: [Int], noise: Int, ellipses: [Ellipse], seed: UInt64) {
        self.rows = rows
        self.columns = columns
        self.ellipses = ellipses
        self.seed = seed
        strips = tissues.enumerated().map { index, mean in
            var random = SeededRandom(seed: seed, stream: UInt64(index) | 1 << 40)
            return (0..<(columns * 5)).map { _ in
                let bits = random.next()
                let width = UInt64(max(noise, 1))
                let value = mean + Int(bits % width) + Int((bits >> 32) % width) - noise
                return UInt16(min(max(value, 0), 4095))
            }
        }
    }

    /// Stored pixels in little endian, `rows * columns * 2` bytes.
    func slice(_ index: Int, of count: Int) -> [UInt8] {
        let place = count > 1 ? Double(index) / Double(count - 1) : 0.5
        var random = SeededRandom(seed: seed, stream: UInt64(index))
        // Breathing and the form of a body: every slice differs from its neighbours.
        let shapes = ellipses.filter { $0.from <= place && place <= $0.to }
        let scale = 0.86 + 0.14 * (1 - (2 * place - 1) * (2 * place - 1))
        var pixels = [UInt16](repeating: 0, count: rows * columns)
        for row in 0..<rows {
            let y = (Double(row) + 0.5) / Double(rows) - 0.5
            paint(0, from: 0, to: columns, row: row, into: &pixels, random: &random)
            for shape in shapes {
                let dy = (y - shape.y * scale) / (shape.height * scale / 2)
                guard dy * dy < 1 else { continue }
                let half = (1 - dy * dy).squareRoot() * shape.width * scale / 2
                let left = max(0, Int((shape.x * scale - half + 0.5) * Double(columns)))
                let right = min(columns, Int((shape.x * scale + half + 0.5) * Double(columns)))
                paint(shape.tissue, from: left, to: right, row: row, into: &pixels, random: &random)
            }
        }
        return pixels.withUnsafeBytes { Array($0) }
    }

    private func paint(
        _ tissue: Int, from left: Int, to right: Int, row: Int, into pixels: inout [UInt16],
        random: inout SeededRandom
    ) {
        guard left < right else { return }
        let start = Int(random.next() % UInt64(columns * 4))
        pixels.withUnsafeMutableBufferPointer { target in
            strips[tissue].withUnsafeBufferPointer { noise in
                _ = UnsafeMutableBufferPointer(rebasing: target[(row * columns + left)..<(row * columns + right)])
                    .update(fromContentsOf: noise[start..<(start + right - left)])
            }
        }
    }
}

extension Phantom {
    /// A chest in stored CT values: Hounsfield units plus 1024, twelve bits.
    static func chest(rows: Int, columns: Int, seed: UInt64) -> Phantom {
        Phantom(
            rows: rows, columns: columns, tissues: [24, 934, 1074, 194, 1094, 1624, 1064, 1404], noise: 22,
            ellipses: [
                Ellipse(tissue: 1, x: 0, y: 0, width: 0.86, height: 0.62),
                Ellipse(tissue: 2, x: 0, y: 0, width: 0.80, height: 0.56),
                Ellipse(tissue: 3, x: -0.20, y: -0.01, width: 0.30, height: 0.42, from: 0.1, to: 0.8),
                Ellipse(tissue: 3, x: 0.20, y: -0.01, width: 0.30, height: 0.42, from: 0.1, to: 0.8),
                Ellipse(tissue: 4, x: 0.05, y: -0.05, width: 0.22, height: 0.20, from: 0.35, to: 0.7),
                Ellipse(tissue: 6, x: -0.17, y: 0.00, width: 0.40, height: 0.34, from: 0.72, to: 1),
                Ellipse(tissue: 5, x: 0, y: 0.19, width: 0.10, height: 0.09),
                Ellipse(tissue: 2, x: 0, y: 0.185, width: 0.035, height: 0.03),
                Ellipse(tissue: 7, x: 0.05, y: 0.12, width: 0.05, height: 0.05),
                // What the simulated reader finds.
                Ellipse(tissue: 4, x: -0.22, y: -0.06, width: 0.02, height: 0.02, from: 0.45, to: 0.49),
            ], seed: seed)
    }

    /// A head, T2-like: bright ventricles, grey and white matter, dark bone.
    static func head(rows: Int, columns: Int, seed: UInt64) -> Phantom {
        Phantom(
            rows: rows, columns: columns, tissues: [18, 620, 60, 410, 330, 900], noise: 26,
            ellipses: [
                Ellipse(tissue: 1, x: 0, y: 0, width: 0.74, height: 0.90),
                Ellipse(tissue: 2, x: 0, y: 0, width: 0.68, height: 0.84),
                Ellipse(tissue: 3, x: 0, y: 0, width: 0.62, height: 0.78),
                Ellipse(tissue: 4, x: -0.13, y: 0, width: 0.22, height: 0.58, from: 0.2, to: 0.9),
                Ellipse(tissue: 4, x: 0.13, y: 0, width: 0.22, height: 0.58, from: 0.2, to: 0.9),
                Ellipse(tissue: 5, x: -0.05, y: -0.02, width: 0.06, height: 0.24, from: 0.4, to: 0.7),
                Ellipse(tissue: 5, x: 0.05, y: -0.02, width: 0.06, height: 0.24, from: 0.4, to: 0.7),
            ], seed: seed)
    }
}
