// DIMSE command sets (PS3.7 section 6.3 and Annex E).

package import DICOMVocabulary

/// A command set: elements of group 0000 in implicit VR little endian, flat by definition (PS3.7 6.3.1). Read and
/// written here rather than by DCMTK's recursive parser, because every byte of it is the peer's choice.
package struct CommandSet: Equatable, Sendable {
    /// Element numbers of group 0000 (PS3.7 E.1).
    package enum Element: UInt16, Sendable {
        case affectedSOPClassUID = 0x0002
        case requestedSOPClassUID = 0x0003
        case commandField = 0x0100
        case messageID = 0x0110
        case messageIDBeingRespondedTo = 0x0120
        case moveDestination = 0x0600
        case priority = 0x0700
        case dataSetType = 0x0800
        case status = 0x0900
        case errorComment = 0x0902
        case affectedSOPInstanceUID = 0x1000
        case requestedSOPInstanceUID = 0x1001
        case eventTypeID = 0x1002
        case actionTypeID = 0x1008
        case remaining = 0x1020
        case completed = 0x1021
        case failed = 0x1022
        case warning = 0x1023
        case moveOriginatorAE = 0x1030
        case moveOriginatorMessageID = 0x1031
    }

    /// Values of Command Field (0000,0100).
    package enum Field: UInt16, Sendable {
        case store = 0x0001
        case get = 0x0010
        case find = 0x0020
        case move = 0x0021
        case echo = 0x0030
        case eventReport = 0x0100
        case action = 0x0130
        case cancel = 0x0FFF
        case storeResponse = 0x8001
        case getResponse = 0x8010
        case findResponse = 0x8020
        case moveResponse = 0x8021
        case echoResponse = 0x8030
        case eventReportResponse = 0x8100
        case actionResponse = 0x8130
    }

    private var values: [UInt16: [UInt8]] = [:]

    package init(_ field: Field) { self[number: .commandField] = field.rawValue }

    /// Fails with `.protocolError` for anything that is not a flat list of different elements of group 0000.
    package init(bytes: some RandomAccessCollection<UInt8>) throws(Failure) {
        let bytes = Array(bytes)
        var position = 0
        while position < bytes.count {
            guard bytes.count - position >= 8 else { throw Self.malformed("a header is cut off") }
            let element = UInt16(bytes[position + 2]) | UInt16(bytes[position + 3]) << 8
            guard bytes[position] == 0, bytes[position + 1] == 0 else {
                throw Self.malformed("an element is not of group 0000")
            }
            let length = (4..<8).reversed().reduce(0) { $0 << 8 | Int(bytes[position + $1]) }
            position += 8
            guard length <= bytes.count - position else { throw Self.malformed("a value is cut off") }
            guard values.updateValue(Array(bytes[position..<position + length]), forKey: element) == nil else {
                throw Self.malformed("an element stands twice")
            }
            position += length
        }
        guard values[Element.commandField.rawValue]?.count == 2 else { throw Self.malformed("no command field") }
    }

    /// With group length (0000,0000) and elements in order.
    package var encoded: [UInt8] {
        var body: [UInt8] = []
        for (element, value) in values.sorted(by: { $0.key < $1.key }) where element != 0 {
            body += [0, 0, UInt8(element & 0xFF), UInt8(element >> 8)] + Self.littleEndian(UInt32(value.count)) + value
        }
        return [0, 0, 0, 0, 4, 0, 0, 0] + Self.littleEndian(UInt32(body.count)) + body
    }

    /// Nil for a command that PS3.7 does not define or that is not among ours.
    package var field: Field? { self[number: .commandField].flatMap { Field(rawValue: $0) } }

    /// A response has the highest bit set (PS3.7 E.1).
    package var isResponse: Bool { (self[number: .commandField] ?? 0) & 0x8000 != 0 }

    /// Command Data Set Type other than 0101H.
    package var hasDataSet: Bool { self[number: .dataSetType].map { $0 != 0x0101 } ?? false }

    package subscript(number element: Element) -> UInt16? {
        get {
            guard let value = values[element.rawValue], value.count == 2 else { return nil }
            return UInt16(value[0]) | UInt16(value[1]) << 8
        }
        set { values[element.rawValue] = newValue.map { [UInt8($0 & 0xFF), UInt8($0 >> 8)] } }
    }

    package subscript(uid element: Element) -> UID? {
        get { values[element.rawValue].map { UID(String(decoding: $0, as: UTF8.self)) } }
        set {
            values[element.rawValue] = newValue.map { uid in
                let bytes = Array(uid.string.utf8)
                return bytes.count % 2 == 0 ? bytes : bytes + [0]
            }
        }
    }

    package subscript(text element: Element) -> String? {
        get {
            values[element.rawValue].map { bytes in
                let end = bytes.lastIndex { $0 != 0x20 && $0 != 0 }
                return String(decoding: end.map { bytes[...$0] } ?? [], as: UTF8.self)
            }
        }
        set {
            values[element.rawValue] = newValue.map { text in
                let bytes = Array(text.utf8)
                return bytes.count % 2 == 0 ? bytes : bytes + [0x20]
            }
        }
    }

    private static func littleEndian(_ number: UInt32) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
    }

    private static func malformed(_ what: String) -> Failure { .protocolBreach("malformed command set: \(what)") }
}
