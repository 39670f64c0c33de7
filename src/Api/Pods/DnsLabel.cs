namespace GpuMem.Api.Pods;

/// <summary>A name that Kubernetes takes for a Service, a host, or the value of a label.</summary>
internal static class DnsLabel
{
    public static bool Is(string name, int maxLength) => name.Length > 0 && name.Length <= maxLength && char.IsAsciiLetterLower(name[0]) && name[^1] != '-'
        && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');
}
