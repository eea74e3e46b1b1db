"""First contents: the policy's own figures and places, and the demonstration made from public cases."""
