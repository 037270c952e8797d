// swift-tools-version: 6.2
// Antipode: a DICOM store-and-forward gateway. The list of targets is the house of docs/architecture.md, lowest floor
// first; a target names only lower floors, and what it imports. Tests/LayoutTests keeps that true.
import PackageDescription

let swiftSettings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

// `pkg-config dcmtk` fails on Debian 12 for a missing sndfile.pc, so the libraries are named one by one.
let dcmtkLibraries: [LinkerSetting] = [
    "dcmtls", "dcmnet", "dcmjpeg", "dcmdata", "oflog", "ofstd", "openjph", "openjp2", "charls", "ssl", "crypto", "z",
].map { .linkedLibrary($0) }

let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let log = Target.Dependency.product(name: "Logging", package: "swift-log")
let metrics = Target.Dependency.product(name: "Metrics", package: "swift-metrics")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let signals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")

func floor(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: swiftSettings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: dependencies, swiftSettings: swiftSettings)
}

let package = Package(
    name: "antipode",
    products: [.executable(name: "antipode", targets: ["antipode"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", exact: "2.13.0"),
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1"),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", exact: "2.1.1"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
    ],
    targets: [
        // Floor 0
        .target(name: "CXXHash", linkerSettings: [.linkedLibrary("xxhash")]),
        floor("DICOMVocabulary", ["CXXHash"]),
        .target(
            name: "CDCMTK",
            cxxSettings: [.unsafeFlags(["-Wall", "-Wextra", "-Werror"])],
            linkerSettings: dcmtkLibraries),
        // Floor 1
        floor("Spool", ["DICOMVocabulary", crypto]),
        floor("Journal", ["DICOMVocabulary", grdb]),
        floor("Vault", ["DICOMVocabulary", grdb, crypto]),
        floor("WorkerProtocol", ["DICOMVocabulary"]),
        floor("DICOM", ["DICOMVocabulary", "CDCMTK"]),
        floor("DICOMNetwork", ["DICOMVocabulary", "CDCMTK", "DICOM"]),
        // Floor 2
        floor("Intake", ["DICOMVocabulary", "WorkerProtocol", log]),
        floor("Routing", ["DICOMVocabulary"]),
        floor("Forwarding", ["DICOMVocabulary", "Journal", "WorkerProtocol", log]),
        floor("Reports", ["DICOMVocabulary", "WorkerProtocol"]),
        floor("Deidentification", ["DICOMVocabulary", "DICOM", "WorkerProtocol", crypto]),
        // Floor 3
        floor("Workers", ["DICOMVocabulary", "Spool", "WorkerProtocol", "DICOM", "DICOMNetwork", "Deidentification"]),
        floor(
            "Gateway",
            [
                "DICOMVocabulary", "Spool", "Journal", "Vault", "WorkerProtocol", "Intake", "Routing", "Forwarding",
                "Reports", log, metrics, lifecycle,
            ]),
        // Floor 4
        floor(
            "Console",
            [
                "DICOMVocabulary", "Gateway", log, lifecycle,
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "Mustache", package: "swift-mustache"),
            ]),
        floor("Simulation", ["DICOMVocabulary", "DICOM", "DICOMNetwork"]),
        // Floor 5
        .executableTarget(
            name: "antipode",
            dependencies: [
                "DICOMVocabulary", "Journal", "Vault", "WorkerProtocol", "Intake", "Routing", "Forwarding", "Reports",
                "Deidentification",
                "Workers",
                "Gateway", "Console",
                "Simulation", log, lifecycle, signals,
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: swiftSettings),
        // Shared by tests; nothing of the program imports it
        floor(
            "GatewayTesting",
            [
                "DICOMVocabulary", "Spool", "Journal", "Vault", "WorkerProtocol", "Intake", "Routing", "Forwarding",
                "Reports", "Gateway", log,
            ]),
        // Tests, in the order of the house
        tests("LayoutTests", []),
        tests("DICOMVocabularyTests", ["DICOMVocabulary", "GatewayTesting"]),
        tests("SpoolTests", ["Spool", "DICOMVocabulary"]),
        tests("JournalTests", ["Journal", "DICOMVocabulary", grdb]),
        tests("VaultTests", ["Vault", "DICOMVocabulary", grdb, crypto]),
        tests("WorkerProtocolTests", ["WorkerProtocol", "DICOMVocabulary"]),
        tests("DICOMTests", ["DICOM", "DICOMVocabulary", "GatewayTesting"]),
        tests("DICOMNetworkTests", ["DICOMNetwork", "DICOM", "DICOMVocabulary"]),
        tests("IntakeTests", ["Intake", "DICOMVocabulary", "WorkerProtocol", log]),
        tests("RoutingTests", ["Routing", "DICOMVocabulary"]),
        tests("ForwardingTests", ["Forwarding", "DICOMVocabulary", "Journal"]),
        tests("ReportsTests", ["Reports", "DICOMVocabulary", "WorkerProtocol"]),
        tests(
            "WorkersTests",
            [
                "Workers", "WorkerProtocol", "Spool", "DICOM", "DICOMNetwork", "DICOMVocabulary", "Deidentification",
                "GatewayTesting",
            ]),
        tests(
            "DeidentificationTests",
            ["Deidentification", "DICOM", "DICOMVocabulary", "WorkerProtocol", "GatewayTesting", "Simulation"]),
        tests("SimulationTests", ["Simulation", "DICOM", "DICOMNetwork", "DICOMVocabulary"]),
        tests(
            "GatewayTests",
            [
                "Gateway", "GatewayTesting", "DICOMVocabulary", "Spool", "Journal", "Vault", "WorkerProtocol", "Intake",
                "Routing", "Forwarding", "Reports",
            ]),
        tests(
            "ConsoleTests",
            [
                "Console", "Gateway", "DICOMVocabulary", log,
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdTesting", package: "hummingbird"),
            ]),
        tests(
            "antipodeTests",
            ["antipode", "DICOMVocabulary", "Intake", "Routing", "Forwarding", "Reports", "Gateway", "Console"]),
    ],
    cxxLanguageStandard: .cxx17
)
