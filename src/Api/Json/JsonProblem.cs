using System.Text.Json;
using GpuMem.Estimation.Jobs;

namespace GpuMem.Api.Json;

/// <summary>Says in a user's words what is wrong with JSON that does not have the expected shape.</summary>
public static class JsonProblem
{
    public static string Describe(JsonException error) => Of(error).ToString();

    /// <summary>The same, the place apart from what is wrong there.</summary>
    public static JobProblem Of(JsonException error)
    {
        var where = error.Path is { Length: > 2 } path ? path.TrimStart('$', '.') : "the object";
        var cause = error.InnerException is FormatException or OverflowException or InvalidOperationException ? error.InnerException.Message : error.Message;
        // YAML reads 8 and 1e-5 as numbers, where commands and labels take words.
        if (cause.StartsWith("Cannot get the value of a token", StringComparison.Ordinal) && cause.EndsWith("as a string.", StringComparison.Ordinal))
            cause = "the value is no text; put it in quotes";
        else if (cause.StartsWith("The JSON value could not be converted", StringComparison.Ordinal) || cause.StartsWith("Cannot get the value of a token", StringComparison.Ordinal))
            cause = "the value does not have the type of this field";
        else if (cause.StartsWith("Either the JSON value is not in a supported format", StringComparison.Ordinal))
            cause = "the number is too large, or is not whole";
        // The serializer appends its own coordinates, which mean nothing to whoever wrote YAML.
        var end = cause.IndexOf(" Path:", StringComparison.Ordinal);
        return new JobProblem(where, end < 0 ? cause : cause[..end]);
    }
}
