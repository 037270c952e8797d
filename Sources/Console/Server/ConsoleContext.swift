// What one request carries through the console.

import Foundation
package import Hummingbird

/// The context of a request: the visitor and the language are set before a page is asked for.
package struct ConsoleContext: RequestContext {
    package var coreContext: CoreRequestContextStorage
    /// From where the connection comes; a proxy's address if one stands before us.
    let peer: String
    var language = ConsoleLanguage.english
    var visitor: Visitor?

    package init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        peer = source.channel.remoteAddress?.ipAddress ?? "unknown"
    }
}

/// Why a visitor does not get what was asked for, in both languages.
struct Refusal: Error {
    var status: HTTPResponse.Status
    var phrase: Phrase
    /// The desk's own words.
    var detail: String?
    /// Seconds until another try is welcome.
    var retryAfter: Int?

    init(_ status: HTTPResponse.Status, _ phrase: Phrase, detail: String? = nil, retryAfter: Int? = nil) {
        self.status = status
        self.phrase = phrase
        self.detail = detail
        self.retryAfter = retryAfter
    }
}
