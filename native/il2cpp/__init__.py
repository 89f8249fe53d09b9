"""C# that Unity's IL2CPP compiled to C++: native frames whose methods, files and lines are those of C# again."""
