// A study that no scanner made: for demonstrations, tests and a site's acceptance trial.

package import DICOMVocabulary

/// A study whose every byte follows from its options, so that the same seed gives the same study again.
///
///     var options = SyntheticStudy.Options(seed: 1)
///     options.slices = 20
///     try SyntheticStudy(options).write(to: "/tmp/ct")
///
/// Safe to use from any thread; instances are made one at a time, on demand.
package struct SyntheticStudy: Sendable {
    package enum Kind: String, Sendable, CaseIterable { case ct, mr }

    package struct Options: Sendable {
        package var kind = Kind.ct
        package var slices = 300
        package var rows = 512
        package var columns = 512
        package var seed: UInt64
        package var patient = SyntheticPatient()
        /// `ISO_IR 100` or `ISO_IR 192`, or another that holds the patient's name.
        package var characterSet = "ISO_IR 100"
        /// DA and TM of the examination.
        package var studyDate = "20260301"
        package var studyTime = "221500"

        package init(seed: UInt64) { self.seed = seed }
    }

    package let options: Options
    package let study: UID
    package let series: UID
    let frameOfReference: UID
    let phantom: Phantom

    package init(_ options: Options) {
        self.options = options
        study = Self.uid(options.seed, stream: 1 << 50)
        series = Self.uid(options.seed, stream: 1 << 51)
        frameOfReference = Self.uid(options.seed, stream: 1 << 52)
        phantom =
            switch options.kind {
            case .ct: .chest(rows: options.rows, columns: options.columns, seed: options.seed)
            case .mr: .head(rows: options.rows, columns: options.columns, seed: options.seed)
            }
    }

    package var count: Int { options.slices }

    package var sopClass: UID {
        switch options.kind {
        case .ct: "1.2.840.10008.5.1.4.1.1.2"
        case .mr: "1.2.840.10008.5.1.4.1.1.4"
        }
    }

    package func sopInstance(_ index: Int) -> UID { Self.uid(options.seed, stream: 1 << 53 | UInt64(index)) }

    private static func uid(_ seed: UInt64, stream: UInt64) -> UID {
        var random = SeededRandom(seed: seed, stream: stream)
        return UID(pseudonymousMaterial: random.material())
    }
}

/// One object ready to be sent or written.
package struct SyntheticInstance: Sendable {
    package let sopClass: UID
    package let sopInstance: UID
    package let transferSyntax: TransferSyntax
    /// The data set alone, without preamble and file meta information.
    package let dataSet: [UInt8]
}
