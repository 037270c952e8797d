// The configuration that `antipode init` writes.

enum TrialConfiguration {
    /// A whole configuration for one machine: one modality, one reader, one archive. For a service, state and socket
    /// lie where systemd/antipode.service makes their folders, and the vault's key is a credential.
    static func text(_ ports: Initialiser.Ports, timeZone: String, forService: Bool = false) -> String {
        let state =
            forService
            ? """
            state = "/var/lib/antipode"         # journal and vault
            control_socket = "/run/antipode/control.sock"   # for members of the group antipode
            """
            : "state = \"state\"                     # journal and vault"
        let spool = forService ? "/var/lib/antipode/spool" : "spool"
        let vaultKey =
            forService
            ? """
            # LoadCredential= in the unit hands over /etc/antipode/vault.key.
            key_file = "credential:vault.key"   # seals identities; keep it away from backups of the state folder
            """
            : "key_file = \"vault.key\"              # seals identities; keep it away from backups of the state folder"
        return """
            # Antipode, a trial on this machine alone. `antipode check --config FILE` tells what is wrong or odd.
            # Left-out keys have their defaults; config/antipode.toml of the distribution shows all of them.
            #
            #   antipode simulate reader     what a remote reader does: takes studies over TLS, writes reports
            #   antipode simulate pacs       what the hospital's archive does: takes restored reports
            #   antipode serve               the gateway
            #   antipode simulate modality   what a scanner does: sends a study of nobody

            [gateway]
            \(state)
            time_zone = "\(timeZone)"

            [spool]
            directory = "\(spool)"
            free_floor = "512 MiB"              # below this, objects are refused and the sender tries later

            [vault]
            \(vaultKey)

            [console]
            port = \(ports.console)
            viewer_token_file = "viewer.token"      # whoever has it may look
            operator_token_file = "operator.token"  # whoever has it may look and act

            # A private authority made for this trial; its keys lie here unencrypted. Not for patients.
            [tls.trial]
            certificate = "certs/gateway.pem"
            private_key = "certs/gateway.key"
            trusted = "certs/ca.pem"

            # --- Receiving

            [[listener]]
            name = "modalities"
            port = \(ports.listener)
            ae_titles = ["ANTIPODE"]

            [[listener]]
            name = "readers"
            port = \(ports.secureListener)
            ae_titles = ["ANTIPODE"]
            tls = "trial"

            [[source]]
            name = "modality"
            listeners = ["modalities"]
            addresses = ["127.0.0.1", "::1"]
            calling_ae_titles = ["MODALITY"]
            quiet_period = "5s"                 # short, to see something happen; 30s and more for real modalities

            # For a reader that pushes its reports. The one below is asked for them.
            [[source]]
            name = "reader reports"
            role = "reader"
            destination = "reader"
            listeners = ["readers"]
            addresses = ["127.0.0.1", "::1"]
            calling_ae_titles = ["READER"]

            # --- Sending

            [[destination]]
            name = "reader"
            role = "reader"
            host = "127.0.0.1"
            port = \(ports.reader)
            called_ae_title = "READER"
            calling_ae_title = "ANTIPODE"
            tls = "trial"
            identity = "pseudonymous"           # the reader sees tokens in the place of names and numbers
            country = "AU"
            agreement = "trial"

            [[destination]]
            name = "pacs"
            role = "pacs"
            host = "127.0.0.1"
            port = \(ports.pacs)
            called_ae_title = "PACS"
            calling_ae_title = "ANTIPODE"
            identity = "identified"
            ground = "own archive"

            [[reports]]
            reader = "reader"
            method = "get"                      # asked by C-FIND and C-GET
            first_poll = "5s"
            interval = "5s"
            deliver_to = ["pacs"]

            # --- Rules: the first whose conditions are all met decides

            [routing]
            fallback = "hold"                   # what no rule names waits for a person

            [[rule]]
            name = "everything to the reader"   # modalities, body_parts, calling hours and more can narrow a rule
            sources = ["modality"]
            to = ["reader"]

            """
    }
}
