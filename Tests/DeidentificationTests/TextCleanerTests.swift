import Testing

@testable import Deidentification

@Suite("Cleaning of descriptions")
struct TextCleanerTests {
    @Test(
        "known words, measures and levels stay, the rest goes",
        arguments: [
            ("CT thorax 55F Dr. Smith", "CT thorax"),
            ("Dr. Hand", ""), ("M. Genou", ""), ("DR Hand PA", "DR Hand PA"), ("Dr Hals, thorax", "thorax"),
            ("t2_tse_sag L4-L5", "t2_tse_sag L4-L5"), ("Thorax 0.625 Br40f", "Thorax 0.625 Br40f"),
            ("ep2d_diff b1000", "diff b1000"), ("MRT hjärna utan/med kontrast", "MRT hjärna utan/med kontrast"),
            ("191212121212", ""), ("19121212-1212 thorax", "thorax"), ("12 12 12 buk", "buk"),
            ("tel 08 123 45 67", ""), ("2024-03-01", ""), ("Remiss från Nordstaden", "Remiss från"), ("", ""),
            ("CT abdomen\r\nTolvansson\r\narteriell fas", "CT abdomen\r\narteriell fas"),
            ("CT, HEAD/BRAIN WO CONTRAST", "CT, HEAD/BRAIN WO CONTRAST"), ("Pelvis W/O cont", "Pelvis W/O cont"),
            ("Thorax 4DCT", "Thorax 4DCT"), ("Hjärna 5 mm (utan kontrast)?", "Hjärna 5 mm (utan kontrast)?"),
            ("b=1000(0.445,0.1,0.895)", "b=1000(0.445,0.1,0.895)"), ("12.12.1912", ""),
            ("Thorax, man 28/2-34", "Thorax"), ("Thorax 28.2-34", "Thorax"),
            ("{\"dob\":\"28/2-34\"}", ""), ("Thorax 1934 2 28", "Thorax"), ("kontroll 28 feb 34", "kontroll"),
            ("Thorax 28/2 34", "Thorax"), ("Thorax 28 februari 1934 buk", "Thorax buk"),
            ("Thorax 3 5 12 mm", "Thorax 3 5 12 mm"), ("L4-5 1.5/0.6-30", "L4-5 1.5/0.6-30"),
            ("ISOVUE300/100", "ISOVUE300/100"), ("512x512", "512x512"), ("TOLVAN", ""), ("Axial", ""),
        ])
    func cleaned(text: String, expected: String) {
        #expect(TextCleaner(forbidden: ["tolvan", "axial"]).clean(text) == expected)
    }
}

@Suite("Cleaning of prose")
struct ProseCleaningTests {
    @Test(
        "prose shows where words were dropped, and keeps what turns its meaning",
        arguments: [
            ("No evidence of tumour.", "No evidence of [...]"), ("Tolvan: normal thorax", "[...] normal thorax"),
            ("Fraktur kan inte uteslutas", "Fraktur kan inte uteslutas"), ("Tolvan", ""),
            ("Normal\r\nTolvan\r\nthorax", "Normal [...]\r\nthorax"),
        ])
    func prose(text: String, expected: String) {
        #expect(TextCleaner(forbidden: ["tolvan"]).clean(text, marksGaps: true) == expected)
    }
}

@Suite("Patient's age")
struct PatientAgeTests {
    @Test(
        "days, weeks, months and years as PS3.5 writes them",
        arguments: [
            ("20260301", "20260304", "003D"), ("20260301", "20260405", "005W"), ("20240229", "20250228", "011M"),
            ("20240229", "20260301", "002Y"), ("19121212", "20260301", "113Y"), ("20260301", "20260301", "000D"),
        ])
    func age(birth: String, day: String, expected: String) throws {
        #expect(
            PatientAge.string(from: try #require(CalendarDay(birth)), to: try #require(CalendarDay(day))) == expected)
    }

    @Test("nobody is younger than birth, and 31 February's month 13 is no day")
    func impossible() throws {
        let (a, b) = (try #require(CalendarDay("20260302")), try #require(CalendarDay("20260301")))
        #expect(PatientAge.string(from: a, to: b) == nil)
        #expect(CalendarDay("20261301") == nil)
        #expect(CalendarDay("2026") == nil)
    }
}
