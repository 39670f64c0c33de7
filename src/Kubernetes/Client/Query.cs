namespace GpuMem.Kubernetes.Client;

/// <summary>A URL's parameters; those without a value are left out.</summary>
internal sealed class Query
{
    private readonly StringBuilder _text = new();

    internal static Query Of(ListOptions options) => new Query()
        .Add("labelSelector", options.LabelSelector)
        .Add("fieldSelector", options.FieldSelector)
        .Add("resourceVersion", options.ResourceVersion)
        .Add("limit", options.Limit)
        .Add("continue", options.Continue);

    internal Query Add(string name, string? value)
    {
        if (value is not null)
            _text.Append(_text.Length == 0 ? '?' : '&').Append(name).Append('=').Append(Uri.EscapeDataString(value));
        return this;
    }

    internal Query Add(string name, long? value) => Add(name, value?.ToString(CultureInfo.InvariantCulture));

    public override string ToString() => _text.ToString();
}
