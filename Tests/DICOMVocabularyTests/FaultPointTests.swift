#if DEBUG
    import Testing

    @testable import DICOMVocabulary

    @Suite("Fault points")
    struct FaultPointTests {
        @Test("orders are read as they are written, and what cannot be read is left out")
        func orders() {
            let read = FaultPoint.orders("a.b:3=kill,c=hang,d:0=kill,e=melt,=kill,f:x=exit,g:2=throw,h@1.2.3=kill")
            #expect(
                read == [
                    .init(point: "a.b", pass: 3, action: .kill), .init(point: "c", pass: 1, action: .hang),
                    .init(point: "g", pass: 2, action: .throw),
                    .init(point: "h", subject: "1.2.3", action: .kill),
                ])
        }

        @Test("nothing happens at a point that nobody asked for")
        func quiet() throws {
            FaultPoint.pass("nobody.asked")
            try FaultPoint.passOrThrow("nobody.asked")
        }
    }
#endif
