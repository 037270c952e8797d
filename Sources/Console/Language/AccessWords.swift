// Words for signing in, and for what cannot be done.

struct AccessWords {
    let loginTitle = Phrase("Logga in", "Sign in")
    let loginHelp = Phrase(
        "Nyckeln står i den fil som inställningarna pekar ut på porten. "
            + "Tittarens nyckel visar; operatörens åtgärdar också.",
        "The token is in the file that the gateway's settings name. The viewer's token shows; the operator's acts too.")
    let token = Phrase("Nyckel", "Token")
    let signature = Phrase("Din signatur (står vid det du gör)", "Your initials (stand beside what you do)")
    let signIn = Phrase("Logga in", "Sign in")
    let loginWrong = Phrase("Nyckeln stämmer inte.", "That is not the token.")
    let loginSlow = Phrase(
        "För många försök. Vänta {0} sekunder.", "Too many attempts. Wait {0} seconds.")
    let signedOut = Phrase("Du är utloggad.", "You are signed out.")
    let errorNotFound = Phrase("Det finns inte här.", "That is not here.")
    let errorNotAllowed = Phrase("Det får du inte göra.", "You may not do that.")
    let errorNeedsOperator = Phrase(
        "Det kräver operatörens nyckel. Logga ut och in igen med den.",
        "That needs the operator's token. Sign out, and in again with it.")
    let errorForged = Phrase(
        "Formuläret kom inte från den här sidan, eller är för gammalt. Öppna sidan på nytt och försök igen.",
        "The form did not come from this page, or is too old. Open the page again and retry.")
    let errorInvalid = Phrase("Det går inte att göra så.", "That cannot be done so.")
    let errorUnavailable = Phrase("Porten kan inte svara just nu.", "The gateway cannot answer just now.")
    let errorHost = Phrase(
        "Porten svarar inte under det namnet. Lägg till det i console.origins om det är rätt.",
        "The gateway does not answer to that name. Add it to console.origins if it is right.")
    let errorTooLarge = Phrase("Det skickade är för stort.", "What was sent is too large.")
    let errorTooSlow = Phrase("Det skickade kom för långsamt.", "What was sent came too slowly.")
    let errorInternal = Phrase("Något gick fel. Det står i loggen.", "Something went wrong. The log says what.")
    let errorSignIn = Phrase("Logga in först.", "Sign in first.")
    let errorReasonMissing = Phrase("Skriv en orsak.", "Write a reason.")
    let errorReasonIdentifies = Phrase(
        "Orsaken ser ut att innehålla ett personnummer. Skriv den utan patientuppgifter.",
        "The reason seems to hold a personal number. Write it without patient data.")
    let errorSure = Phrase("Bocka för att du är säker.", "Tick that you are sure.")
    let errorDestination = Phrase("Välj en mottagare.", "Choose a destination.")
    let goNow = Phrase("Till första sidan", "To the first page")
}
