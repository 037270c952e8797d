import Testing

@testable import Forwarding

@Suite struct BellTests {
    @Test("A ring while nobody waits is remembered", .timeLimit(.minutes(5)))
    func remembered() async {
        let bell = Bell()
        bell.ring()
        bell.ring()
        await bell.wait(atMost: 3600)
    }

    @Test("A ring ends a wait", .timeLimit(.minutes(5)))
    func ring() async {
        let bell = Bell()
        async let waited: Void = bell.wait(atMost: 3600)
        bell.ring()
        await waited
    }

    @Test("A cancelled task stops waiting", .timeLimit(.minutes(5)))
    func cancelled() async {
        let bell = Bell()
        let task = Task { await bell.wait(atMost: 3600) }
        task.cancel()
        await task.value
    }

    @Test("A wait of no time returns", .timeLimit(.minutes(5)))
    func noTime() async {
        await Bell().wait(atMost: 0)
    }
}
