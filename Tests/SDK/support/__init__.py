"""What the tests share: a Tokencast process, an upstream of their own, the SDK in both its forms."""
