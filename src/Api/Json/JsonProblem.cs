using System.Text.Json;

namespace GpuMem.Api.Json;

/// <summary>Says in a user's words what is wrong with JSON that does not have the expected shape.</summary>
public static class JsonProblem
{
    public static string Describe(JsonException error)
    {
        var where = error.Path is { Length: > 2 } path ? path.TrimStart('$', '.') : "the object";
        var cause = error.InnerException is FormatException or OverflowException ? error.InnerException.Message : error.Message;
        // The serializer appends its own coordinates, which mean nothing to whoever wrote YAML.
        var end = cause.IndexOf(" Path:", StringComparison.Ordinal);
        return $"{where}: {(end < 0 ? cause : cause[..end])}";
    }
}
