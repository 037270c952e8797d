// Signing in, and pages of one sentence.

extension Templates {
    static let login = """
        <div class="card">
        <h1>{{t.loginTitle}}</h1>
        {{#.complaint}}<p class="banner attention" role="alert">{{.}}</p>{{/.complaint}}
        {{#.word}}<p class="banner good" role="status">{{.}}</p>{{/.word}}
        <form method="post" action="/login" class="stacked">
        <input type="hidden" name="next" value="{{next}}">
        <div class="field"><label for="token">{{t.token}}</label>
        <input id="token" name="token" type="password" required maxlength="512" autocomplete="current-password"
        aria-describedby="token-help" autofocus></div>
        <div class="field"><label for="signature">{{t.signature}}</label>
        <input id="signature" name="signature" maxlength="40" autocomplete="username"></div>
        <button>{{t.signIn}}</button>
        <p class="help" id="token-help">{{t.loginHelp}}</p>
        </form></div>

        """

    static let message = """
        <div class="card"><h1>{{heading}}</h1>
        {{#.state}}<p>{{>state}}</p>{{/.state}}
        {{#lines}}<p>{{.}}</p>{{/lines}}
        {{#.notice}}{{>notice}}{{/.notice}}
        <p><a href="{{address}}">{{word}}</a></p></div>

        """
}
