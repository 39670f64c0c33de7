namespace GpuMem.Api.TrainingJobs;

/// <summary>A TrainingJob's name becomes a Service, a Job, and with an index behind it a host name.</summary>
public static class TrainingJobName
{
    /// <summary>A DNS label has 63 characters; eleven are kept for a dash and a pod index.</summary>
    public const int MaxLength = 52;

    /// <returns>Null when the name can be used.</returns>
    public static string? Problem(string? name)
    {
        if (name is null)
            return null;
        var label = name.Length is > 0 and <= MaxLength && char.IsAsciiLetterLower(name[0]) && name[^1] != '-'
            && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');
        return label ? null : $"metadata.name: it becomes a DNS label with a pod index behind it: at most {MaxLength} characters of a-z, 0-9 and -, beginning with a letter";
    }
}
