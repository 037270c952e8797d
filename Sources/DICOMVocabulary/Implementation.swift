// Who we are, to peers and in files.

/// What an association negotiates and a file's head says of its writer (PS3.7 Annex D.3.3.2, PS3.10 7.1).
package enum Implementation {
    /// Under the root for UUIDs (PS3.5 B.2): one UUID, drawn once for Antipode, never changed.
    package static let classUID: UID = "2.25.242925034047750729216038431610067852130"
    /// At most 16 characters.
    package static let versionName = "ANTIPODE 0.1"
}
