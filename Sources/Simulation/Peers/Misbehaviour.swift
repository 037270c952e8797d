// Faults on order, to see how a sender takes them.

/// What a simulated peer does wrong. The default is nothing.
package struct Misbehaviour: Sendable, Hashable {
    /// Seconds before each response to C-STORE.
    package var responseDelay: Double = 0
    /// Every n-th object is refused with `refusalStatus` instead of stored; 0 is never.
    package var refuseEvery = 0
    /// DIMSE status (PS3.4 B.2.3); A700 is out of resources.
    package var refusalStatus: UInt16 = 0xA700
    /// The association is aborted after so many objects, each time; 0 is never.
    package var dropAfter = 0

    package init() {}

    /// The status for the object with this number, counted from 1 over the peer's life, or nil to store it.
    func refusal(ofObject number: Int) -> UInt16? {
        refuseEvery > 0 && number.isMultiple(of: refuseEvery) ? refusalStatus : nil
    }

    func drops(afterObjects stored: Int) -> Bool { dropAfter > 0 && stored >= dropAfter }
}
