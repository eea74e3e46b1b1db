"""協創マッチング: NPO proposals, company interests, the prefecture's decisions and the figures they feed."""
