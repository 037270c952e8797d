// Every address of the console.

package import Foundation
package import Gateway
package import Hummingbird

/// Builds the console's routes over a desk.
///
/// ```swift
/// let router = try ConsoleRouter.make(desk: gateway, settings: settings)
/// let application = Application(router: router)
/// ```
/// The pages are safe to serve from any number of tasks. Signed-in people are remembered by the router, in memory.
package enum ConsoleRouter {
    /// `now` is the clock of sessions and of ages on pages. Throws if a template does not parse.
    package static func make(
        desk: any OperatorDesk, settings: ConsoleSettings, now: @escaping @Sendable () -> Date = { Date() }
    ) throws -> Router<ConsoleContext> {
        let house = try House(desk: desk, settings: settings, now: now)
        let router = Router(context: ConsoleContext.self, options: .autoGenerateHeadEndpoints)
        router.middlewares.add(Envelope(house: house))
        SignInRoutes(house: house).add(to: router)
        LookingRoutes(house: house).add(to: router)
        ActingRoutes(house: house).add(to: router)
        MachineRoutes(house: house).add(to: router)
        return router
    }
}
