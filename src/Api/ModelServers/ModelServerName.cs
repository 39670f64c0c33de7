namespace GpuMem.Api.ModelServers;

/// <summary>A ModelServer's name becomes a Deployment and the value of a label.</summary>
public static class ModelServerName
{
    public const int MaxLength = 63;

    /// <returns>Null when the name can be used.</returns>
    public static string? Problem(string? name)
    {
        if (name is null)
            return null;
        var label = name.Length is > 0 and <= MaxLength && char.IsAsciiLetterLower(name[0]) && name[^1] != '-'
            && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');
        return label ? null : $"metadata.name: it becomes the value of a label: at most {MaxLength} characters of a-z, 0-9 and -, beginning with a letter";
    }
}
