// How a command ends: the codes of sysexits(3), and words on standard error.

import ArgumentParser
import DICOMVocabulary
import Foundation
import Gateway

enum SysExit {
    static let dataError = ExitCode(65)
    static let noInput = ExitCode(66)
    static let unavailable = ExitCode(69)
    static let software = ExitCode(70)
    static let cannotCreate = ExitCode(73)
    static let temporaryFailure = ExitCode(75)
    static let noPermission = ExitCode(77)
    static let configuration = ExitCode(78)
}

/// Says what was wrong on standard error and gives the code to end with.
func ending(_ error: any Error) -> any Error {
    switch error {
    case let error as OperatorError:
        complain(error.message)
        return switch error.kind {
        case .notFound: SysExit.noInput
        case .notAllowed: SysExit.noPermission
        case .invalid: SysExit.dataError
        case .unavailable: SysExit.unavailable
        case .cannotCreate: SysExit.cannotCreate
        }
    case let faults as ConfigurationFaults:
        complain("the configuration cannot be used\n\(faults)")
        return SysExit.configuration
    case let failure as Failure:
        complain(failure.hint.isEmpty ? failure.detail : "\(failure.detail). \(failure.hint)")
        return switch (failure.disposition, failure.code) {
        case (.tryAgain, _): SysExit.temporaryFailure
        case (_, .unexpected), (_, .protocolError): SysExit.software
        // A port that somebody has, a journal that is damaged: nothing is wrong with the program.
        default: SysExit.unavailable
        }
    default:
        return error
    }
}

/// Asks a person at the terminal; without one, `--yes` must have been said. Ends with 64 otherwise.
func confirm(_ question: String) throws -> Bool {
    guard isatty(STDIN_FILENO) == 1 else {
        complain("this asks first; without a terminal say --yes")
        throw ExitCode(64)
    }
    print("\(question) [y/N] ", terminator: "")
    return readLine()?.lowercased() == "y"
}

func complain(_ text: String) {
    try? FileHandle.standardError.write(contentsOf: Data("antipode: \(text)\n".utf8))
}
