@main enum Antipode { static func main() { print("antipode") } }
