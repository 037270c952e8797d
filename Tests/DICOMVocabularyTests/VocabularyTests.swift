import DICOMVocabulary
import Foundation
import Testing

@Suite("UIDs")
struct UIDTests {
    @Test("are equal with and without padding")
    func padding() {
        #expect(UID("1.2.3\0") == UID("1.2.3"))
        #expect(UID("1.2.3 ") == "1.2.3")
        #expect(UID("\0").string.isEmpty)
    }

    @Test(
        "are valid by PS3.5 9.1",
        arguments: ["1", "1.2.840.10008.1.2", "0.0", "2.25.0", String(repeating: "1", count: 64)])
    func valid(text: String) {
        #expect(UID(text).isValid)
    }

    @Test(
        "are kept but not valid otherwise",
        arguments: [
            "", "1..2", ".1", "1.", "1.02", "1.a", "..", "1/2", "1 2", String(repeating: "1", count: 65),
            "١.٢",
        ])
    func invalid(text: String) {
        #expect(!UID(text).isValid)
    }

    @Test("made of key material are stable, valid and shaped as a UUID of version 8")
    func pseudonymous() {
        let uid = UID(pseudonymousMaterial: [UInt8](repeating: 0xFF, count: 16))
        #expect(uid.isValid)
        #expect(uid.string == "2.25.\(UInt128("ffffffffffff8fffbfffffffffffffff", radix: 16) ?? 0)")
    }
}

@Suite("AE titles")
struct AETitleTests {
    @Test("lose the spaces around them, not the ones inside")
    func spaces() {
        #expect(AETitle(" CT 1 ")?.string == "CT 1")
    }

    @Test(
        "are refused when PS3.5 does not allow them",
        arguments: ["", "   ", "12345678901234567", "A\\B", "A\nB", "A\0", "Å", "A\u{1B}[2J"])
    func refused(text: String) {
        #expect(AETitle(text) == nil)
    }

    @Test("do not decode from what is none")
    func decoding() {
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode([AETitle].self, from: Data(#"["A\\B"]"#.utf8))
        }
    }
}

@Suite("Address ranges")
struct AddressRangeTests {
    @Test(
        "hold the addresses they name",
        arguments: [
            ("10.1.2.0/24", "10.1.2.255", true), ("10.1.2.0/24", "10.1.3.0", false),
            ("10.1.2.3", "10.1.2.3", true),
            ("10.1.2.3", "10.1.2.4", false), ("0.0.0.0/0", "192.168.1.1", true),
            ("::/0", "fe80::1", true),
            ("fd00::/8", "fdff::1", true), ("fd00::/8", "fe00::1", false),
            ("::1", "0:0:0:0:0:0:0:1", true),
            ("10.1.2.0/24", "::ffff:10.1.2.7", true), ("::ffff:0:0/96", "::ffff:10.1.2.7", true),
            ("10.0.0.0/9", "10.127.0.1", true), ("10.0.0.0/9", "10.128.0.1", false),
            ("::1", "127.0.0.1", false),
            ("10.0.0.1", "not an address", false),
        ])
    func contains(range: String, address: String, expected: Bool) throws {
        #expect(try #require(AddressRange(range)).contains(address) == expected)
    }

    @Test(
        "are nothing else",
        arguments: [
            "", "host.example", "10.1.2", "10.1.2.256", "10.1.2.03", "10.1.2.3/33", "10.1.2.3/-1",
            "10.1.2.3/x", "1::2::3",
            "::/129", "12345::", "1:2:3:4:5:6:7:8:9", "10.1.2.3/", "/8",
        ])
    func refused(text: String) {
        #expect(AddressRange(text) == nil)
    }
}

@Suite("Tokens")
struct TokenTests {
    private let token = Token(material: (1...16).map { UInt8($0 * 13) })

    @Test("fit the shortest VR they stand in and read back")
    func shape() throws {
        #expect(token.string.utf8.count == Token.length)
        #expect(try #require(Token(token.string)) == token)
    }

    @Test("show every single wrong character and every swap of neighbours")
    func check() {
        var bytes = Array(token.string.utf8)
        for index in 2..<bytes.count {
            for other in Token.alphabet where other != bytes[index] {
                var wrong = bytes
                wrong[index] = other
                #expect(Token(String(decoding: wrong, as: UTF8.self)) == nil)
            }
        }
        for index in 2..<11 where bytes[index] != bytes[index + 1] {
            bytes.swapAt(index, index + 1)
            #expect(Token(String(decoding: bytes, as: UTF8.self)) == nil)
            bytes.swapAt(index, index + 1)
        }
    }

    @Test("are nothing shorter, longer or in small letters")
    func others() {
        #expect(Token("") == nil)
        #expect(Token(token.string + "B") == nil)
        #expect(Token(token.string.lowercased()) == nil)
        #expect(Token("XX" + token.string.dropFirst(2)) == nil)
    }
}

@Suite("Transfer syntaxes")
struct TransferSyntaxTests {
    @Test("that nobody knows are explicit, little endian and encapsulated (PS3.5 A.4)")
    func unknown() {
        let syntax = TransferSyntax("1.2.840.10008.1.2.4.999")
        #expect(!syntax.isImplicitVR && !syntax.isBigEndian && syntax.isEncapsulated)
        #expect(syntax.name == "1.2.840.10008.1.2.4.999")
    }

    @Test("that are deflated are once unpacked something that is not")
    func inflated() {
        for (packed, open) in [("1.99", "1"), ("4.95", "4.94"), ("4.205", "4.204")] {
            let syntax = TransferSyntax(UID("1.2.840.10008.1.2.\(packed)"))
            #expect(syntax.isDeflated && syntax.inflated?.uid.string == "1.2.840.10008.1.2.\(open)")
            #expect(syntax.isReferenced == packed.hasPrefix("4."))
        }
        #expect(TransferSyntax.receivable.allSatisfy { !$0.isDeflated })
    }

    @Test("of GE are implicit, and unknown to the standard")
    func privateGE() {
        let syntax = TransferSyntax("1.2.840.113619.5.2")
        #expect(syntax.isImplicitVR && !syntax.isBigEndian && !syntax.isEncapsulated && syntax.isUnknown)
        #expect(!TransferSyntax.jpegBaseline.isUnknown)
    }

    @Test("offered by default are each offered once, and deflated is not")
    func receivable() {
        #expect(Set(TransferSyntax.receivable).count == TransferSyntax.receivable.count)
        #expect(!TransferSyntax.receivable.contains(.deflatedExplicitVRLittleEndian))
        #expect(TransferSyntax.receivable.allSatisfy { $0.name != $0.uid.string }, "each is told to people by its name")
    }
}

@Suite("Value representations")
struct VRTests {
    @Test("are found by their letters, and by no others")
    func letters() {
        for first in UInt8.min...UInt8.max {
            for second in UInt8.min...UInt8.max {
                let known = VR(rawValue: String(decoding: [first, second], as: UTF8.self))
                #expect(VR(letters: (first, second)) == (known == .unknown ? nil : known))
            }
        }
    }
}
