// What stands around every page.

extension Templates {
    /// `body` is the only value that is not escaped: it is another template's output.
    static let layout = """
        <!doctype html>
        <html lang="{{language}}">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>{{title}} · Antipode</title>
        <link rel="icon" href="/assets/mark.svg" type="image/svg+xml">
        <link rel="stylesheet" href="/assets/style.css">
        {{#live}}
        <noscript><meta http-equiv="refresh" content="30"></noscript>
        <script src="/assets/now.js" defer></script>
        {{/live}}
        </head>
        <body>
        <a class="skip" href="#main">{{t.skip}}</a>
        <header class="top">
        <a class="brand" href="/"><img src="/assets/mark.svg" width="22" height="22" alt=""> Antipode</a>
        {{#signedIn}}
        <nav aria-label="{{t.mainMenu}}"><ul>
        {{#menu}}
        <li><a href="{{address}}"{{#current}} aria-current="page"{{/current}}>{{word}}</a></li>
        {{/menu}}
        </ul></nav>
        {{/signedIn}}
        {{^signedIn}}<span class="tagline">{{t.brandLine}}</span>{{/signedIn}}
        <div class="corner">
        <nav aria-label="{{t.languageMenu}}"><ul class="languages">
        {{#languages}}
        <li><a href="{{address}}" hreflang="{{code}}" lang="{{code}}"{{#current}}
        aria-current="true"{{/current}}>{{word}}</a></li>
        {{/languages}}
        </ul></nav>
        {{#signedIn}}<span class="role">{{role}}</span>{{/signedIn}}
        {{#hasSession}}
        <form method="post" action="/logout"><input type="hidden" name="csrf" value="{{csrf}}">
        <button class="quiet">{{t.signOut}}</button></form>
        {{/hasSession}}
        </div>
        </header>
        <main id="main" tabindex="-1">
        {{{body}}}
        </main>
        <footer>{{footer}}</footer>
        </body>
        </html>

        """
}
