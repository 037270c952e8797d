// Coding schemes whose codes and meanings are published, so that they cannot tell who a patient is.

enum CodingSchemes {
    /// Designators of PS3.16 Table 8-1 that imaging objects use. Others (99…, L, a vendor's or a hospital's) are local:
    /// their Code Meaning is free text that somebody typed.
    static func isStandard(_ designator: String) -> Bool { all.contains(designator) }

    private static let all: Set<String> = [
        "DCM", "DCMR", "DCMUID", "SCT", "SRT", "SNM3", "SNM", "LN", "LOINC", "RADLEX", "RadLex", "RADELEMENT",
        "UCUM", "I9", "I9C", "I10", "I10C", "I10P", "ICD10", "ICDO3", "I11", "UMLS", "NCIt", "NCDR", "NCDR [2.0b]",
        "FMA", "NEU", "MA", "MSH", "ITIS_TSN", "ISO3166_1", "ISO639_1", "ISO639_2", "RFC3066", "RFC5646", "NICIP",
        "BI", "ACR", "ASTM-sigpurpose", "C4", "C5", "CD2", "HPC", "HL7", "NDC", "RXNORM", "PATHLEX", "PUBCHEM_CID",
        "UNS", "UPC", "IBSI", "MDC", "MDNS", "CVX", "ATC", "RO", "MGI", "UBERON", "POS", "HCPT", "CPT4", "ECGV",
        "FDC", "IETF4646", "SCPECG",
    ]
}
