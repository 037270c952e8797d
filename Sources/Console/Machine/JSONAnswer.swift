// The desk's values and refusals as JSON.

import Foundation
import Hummingbird

enum JSONAnswer {
    /// Keys sorted, times in RFC 3339 and UTC: the same text for the same value.
    static func make(_ value: some Encodable) throws -> Response {
        Response(
            status: .ok, headers: [.contentType: "application/json; charset=utf-8"],
            body: .init(byteBuffer: ByteBuffer(bytes: try encoder().encode(value))))
    }

    /// RFC 9457.
    static func problem(_ status: HTTPResponse.Status, title: String, detail: String?) -> Response {
        struct Problem: Encodable {
            let type = "about:blank"
            let title: String
            let status: Int
            let detail: String?
        }
        let problem = Problem(title: title, status: status.code, detail: detail)
        let bytes = (try? encoder().encode(problem)) ?? Data("{}".utf8)
        return Response(
            status: status, headers: [.contentType: "application/problem+json; charset=utf-8"],
            body: .init(byteBuffer: ByteBuffer(bytes: bytes)))
    }

    private static func encoder() -> JSONEncoder {
        let encoder = JSONEncoder()
        encoder.dateEncodingStrategy = .iso8601
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return encoder
    }
}
