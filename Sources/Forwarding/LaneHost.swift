// What a lane asks of its destination, and tells it.

import Journal

/// What a lane may take next.
enum LanePermission: Sendable, Hashable {
    case any
    /// Only what a bandwidth cap does not hold back; the rest in so many seconds.
    case urgent(otherwiseIn: Double)
    case nothing
}

/// What becomes of a lane that found nothing to take.
enum LaneRest: Sendable, Hashable {
    /// It waits with its association open, and looks again after so many seconds or when it is woken.
    case look(after: Double)
    /// It waits, and closes after so many seconds.
    case close(after: Double)
    /// It stays, and speaks with its peer every so many seconds.
    case keepAlive(after: Double)
}

/// Whoever runs the lanes of one destination.
protocol LaneHost: Actor {
    /// Whether the circuit, the operator and the cap let this lane take another instance.
    func permission(of lane: Int) -> LanePermission
    /// The connection stands, over a road of so many seconds there and back; the association is still to be negotiated.
    func connected(_ lane: Int, roundTrip: Double)
    /// The association stands, so many seconds after it was asked for.
    func associated(_ lane: Int, seconds: Double)
    /// What permission was given for: nil when nothing was found. Gives the rate that the instance keeps to.
    func took(_ claimed: ClaimedInstance?, _ lane: Int) -> Int64?
    /// An instance was answered.
    func answered(_ lane: Int, _ claimed: ClaimedInstance, bytes: Int64) async
    /// `wake` makes the lane look at once; it may be called any number of times, until `awake`.
    func rests(_ lane: Int, after permission: LanePermission, wake: @escaping @Sendable () -> Void) -> LaneRest
    func awake(_ lane: Int)
}
