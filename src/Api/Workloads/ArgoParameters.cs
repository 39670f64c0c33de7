using System.Text;
using System.Text.Json;
using GpuMem.Api.Commands;

namespace GpuMem.Api.Workloads;

/// <summary>
/// Parameters of an Argo Workflow, put in where its templates name them: those of the workflow, and those of a template as its callers give them, else its own
/// (argoproj/argo-workflows workflow/common/util.go, ProcessArgs). What only running tells, as an item of a loop or the output of a step, and what callers give
/// differently, stays as it is written.
/// </summary>
internal sealed class ArgoParameters
{
    /// <summary>Letters between the braces of a reference, callers of one template, and calls from the first template to the last; nobody writes as many.</summary>
    private const int LongestReference = 256, MostCallers = 64, MostCalls = 16;

    private const string OfWorkflow = "workflow.parameters.", OfInputs = "inputs.parameters.";

    private static readonly string[] Entries = ["entrypoint", "onExit"];

    private readonly Dictionary<string, string> _ofWorkflow;
    private readonly Expansions _expansions = new();

    /// <summary>Who calls a template, by its name, and with what.</summary>
    private readonly ILookup<string, (Template Caller, Dictionary<string, string> Arguments)> _callers;

    /// <summary>What stands for a parameter of a template; null where it is not known, or not yet, as in a template that calls itself.</summary>
    private readonly Dictionary<(string Template, string Parameter), string?> _known = [];

    /// <param name="spec">The workflow's.</param>
    public ArgoParameters(JsonElement? spec)
    {
        _ofWorkflow = Values(spec.Member("arguments"));
        var first = Entries.Select(field => (Name: spec.Text(field), Caller: new Template(null, _ofWorkflow), Arguments: _ofWorkflow));
        var inside =
            from template in spec.Member("templates").Items()
            let caller = Template.Of(template.Item)
            from call in Calls(template.Item)
            select (Name: call.Text("template"), Caller: caller, Arguments: Values(call.Member("arguments")));
        _callers = first.Concat(inside).Where(call => call.Name is not null).ToLookup(call => call.Name!, call => (call.Caller, call.Arguments), StringComparer.Ordinal);
    }

    /// <summary>The steps and tasks of a template.</summary>
    public static IEnumerable<JsonElement?> Calls(JsonElement? template) => template.Member("dag", "tasks").Items()
        .Concat(template.Member("steps") is { ValueKind: JsonValueKind.Array } steps ? steps.EnumerateArray().SelectMany(together => ((JsonElement?)together).Items()) : [])
        .Select(call => call.Item);

    /// <summary>A template with what stands for its parameters.</summary>
    public JsonElement? PutInto(JsonElement? template)
    {
        if (template is not { ValueKind: JsonValueKind.Object } known)
            return template;
        var text = known.GetRawText();
        if (!text.Contains("{{", StringComparison.Ordinal))
            return template;
        try
        {
            return JsonElement.Parse(Put(text, Template.Of(template), value => JsonEncodedText.Encode(value).ToString(), 0), new JsonDocumentOptions { MaxDepth = ManifestJson.Deepest });
        }
        catch (JsonException)
        {
            // What stood between the braces was more than one text.
            return template;
        }
    }

    private string Put(string text, Template template, Func<string, string> written, int calls)
    {
        var (put, done) = (new StringBuilder(), 0);
        for (var at = text.IndexOf("{{", StringComparison.Ordinal); at >= 0; at = text.IndexOf("{{", Math.Max(at + 2, done), StringComparison.Ordinal))
        {
            var end = text.IndexOf("}}", at, Math.Min(LongestReference, text.Length - at), StringComparison.Ordinal);
            if (end < 0 || Value(text[(at + 2)..end].Trim(), template, calls) is not { } value || !_expansions.Take(value.Length))
                continue;
            put.Append(text, done, at - done).Append(written(value));
            done = end + 2;
        }
        return put.Append(text, done, text.Length - done).ToString();
    }

    private string? Value(string reference, Template template, int calls) =>
        reference.StartsWith(OfWorkflow, StringComparison.Ordinal) ? _ofWorkflow.GetValueOrDefault(reference[OfWorkflow.Length..])
        : reference.StartsWith(OfInputs, StringComparison.Ordinal) ? OfInput(template, reference[OfInputs.Length..], calls)
        : null;

    private string? OfInput(Template template, string parameter, int calls)
    {
        // One without a name stands where it is called.
        var own = template.Inputs.GetValueOrDefault(parameter);
        if (template.Name is not { } name)
            return own;
        if (_known.TryGetValue((name, parameter), out var known) || calls > MostCalls)
            return known;
        _known[(name, parameter)] = null;
        var values = _callers[name].Take(MostCallers + 1)
            .Select(call => call.Arguments.TryGetValue(parameter, out var given) ? Put(given, call.Caller, value => value, calls + 1) : own)
            .DefaultIfEmpty(own).ToList();
        var isOne = values.Count <= MostCallers && values.TrueForAll(value => value == values[0]) && values[0]?.Contains("{{", StringComparison.Ordinal) == false;
        return _known[(name, parameter)] = isOne ? values[0] : null;
    }

    /// <summary>Numbers and truth values are text, too.</summary>
    private static Dictionary<string, string> Values(JsonElement? holder)
    {
        Dictionary<string, string> values = new(StringComparer.Ordinal);
        foreach (var (_, parameter) in holder.Member("parameters").Items())
        {
            var value = parameter.Member("value") ?? parameter.Member("default");
            if (parameter.Text("name") is { } name && value is { ValueKind: JsonValueKind.String or JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False })
                values[name] = value.Value.ToString();
        }
        return values;
    }

    /// <summary>A template as its parameters see it.</summary>
    private sealed record Template(string? Name, Dictionary<string, string> Inputs)
    {
        public static Template Of(JsonElement? template) => new(template.Text("name"), Values(template.Member("inputs")));
    }
}
