// What has to happen to an instance's pixels before it may leave.

package import DICOM
package import DICOMVocabulary
package import WorkerProtocol

/// Decided from the header as received. Nothing here reads a pixel.
package struct PixelPlan: Sendable, Hashable {
    /// What is blanked in every frame, inside the image.
    package var regions: [PixelRegion] = []
    /// The template that says so.
    package var template: String?
    /// A 60xx group keeps its bits in Pixel Data: what is above the samples goes, whatever it is.
    package var clearsOverlayBits = false

    /// Nothing has to be done that the header tells of.
    package var isEmpty: Bool { regions.isEmpty && !clearsOverlayBits }
    package var blanks: Bool { template != nil }

    package init() {}

    /// Fails as `HoldRules` do where neither a template nor a person's word lets the pixels go. A template that fits is
    /// used also where nobody asked: blanking more than needed harms less than showing a name.
    package init(
        _ dataSet: DataSet, facts: HoldFacts, policy: OutwardPolicy, pixelsReleased: Bool,
        options: Set<ConfidentialityOption>
    ) throws(Failure) {
        let format = PixelFormat(dataSet.root)
        if facts.hasPixels, let format {
            if let template = policy.templates.first(where: { $0.fits(dataSet.root, format) }),
                let regions = template.regions(dataSet.root, format)
            {
                self.template = template.name
                self.regions = regions
            }
            // Where every bit belongs to a sample, an overlay among them is part of the picture.
            clearsOverlayBits = facts.hasOverlayInPixels && format.hasUnusedBits
        }
        var facts = facts
        facts.hasOverlayInPixels = facts.hasOverlayInPixels && !clearsOverlayBits
        let reason = HoldRules.reason(for: facts, pixelsReleased: pixelsReleased || blanks, options: options)
        if let reason { throw reason }
    }
}

extension PixelTemplate {
    /// Whether the image is one of this device, in this size.
    func fits(_ root: DataSetItem, _ format: PixelFormat) -> Bool {
        func text(_ tag: Tag) -> String { TextCoding(of: root).decode(root[tag]?.value ?? [], vr: .LO) }
        func trimmed(_ text: some StringProtocol) -> String {
            String(text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
        }
        guard rows == format.rows, columns == format.columns,
            modalities.isEmpty || modalities.contains(root.text(.modality)),
            sopClasses.isEmpty || sopClasses.contains(UID(root.text(.sopClassUID))),
            manufacturer.matches(trimmed(text(.manufacturer))), model.matches(trimmed(text(Tag(0x0008, 0x1090))))
        else { return false }
        let versions = text(Tag(0x0018, 0x1020)).split(separator: "\\", omittingEmptySubsequences: false)
        return versions.isEmpty ? software.matches("") : versions.contains { software.matches(trimmed($0)) }
    }

    /// The regions inside the image; nil if the template needs ultrasound regions and the image has none.
    func regions(_ root: DataSetItem, _ format: PixelFormat) -> [PixelRegion]? {
        var all = blank
        if keepsUltrasoundRegionsOnly {
            let kept = UltrasoundRegions.of(root)
            guard !kept.isEmpty else { return nil }
            all += UltrasoundRegions.outside(kept, rows: format.rows, columns: format.columns)
        }
        return all.compactMap { $0.clipped(rows: format.rows, columns: format.columns) }
    }
}

extension PixelRegion {
    package func clipped(rows: Int, columns: Int) -> PixelRegion? {
        let (left, top) = (max(0, x), max(0, y))
        let (right, bottom) = (min(columns, x + width), min(rows, y + height))
        guard left < right, top < bottom else { return nil }
        return PixelRegion(x: left, y: top, width: right - left, height: bottom - top)
    }
}

/// Sequence of Ultrasound Regions (0018,6011) (PS3.3 C.8.5.5): where the scan is, and so where the machine's own writing
/// is not.
enum UltrasoundRegions {
    static func of(_ root: DataSetItem) -> [PixelRegion] {
        let items = root[Tag(0x0018, 0x6011)]?.items ?? []
        return items.compactMap { item in
            func number(_ element: UInt16) -> Int? {
                guard let bytes = item[Tag(0x0018, element)]?.paddedValue, bytes.count == 4 else { return nil }
                let value = bytes.reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
                return value <= 65_535 ? Int(value) : nil
            }
            guard let left = number(0x6018), let top = number(0x601A), let right = number(0x601C),
                let bottom = number(0x601E), left <= right, top <= bottom
            else { return nil }
            return PixelRegion(x: left, y: top, width: right - left + 1, height: bottom - top + 1)
        }
    }

    /// What none of the kept regions covers, in bands of rows.
    static func outside(_ kept: [PixelRegion], rows: Int, columns: Int) -> [PixelRegion] {
        let edges = Set([0, rows] + kept.flatMap { [$0.y, $0.y + $0.height] }.filter { (0...rows).contains($0) })
            .sorted()
        var all: [PixelRegion] = []
        for (top, bottom) in zip(edges, edges.dropFirst()) {
            var x = 0
            let covering = kept.filter { $0.y <= top && $0.y + $0.height >= bottom }.sorted { $0.x < $1.x }
            for region in covering {
                if region.x > x { all.append(PixelRegion(x: x, y: top, width: region.x - x, height: bottom - top)) }
                x = max(x, region.x + region.width)
            }
            if x < columns { all.append(PixelRegion(x: x, y: top, width: columns - x, height: bottom - top)) }
        }
        return all
    }
}
