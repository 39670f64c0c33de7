namespace GpuMem.Kubernetes.Crds;

/// <summary>What attributes say of a field or a type, as keywords of its schema. Nothing is written that the API server assumes anyway.</summary>
internal static class SchemaKeywords
{
    public static void Add(JsonObject schema, MemberInfo member)
    {
        if (member.GetCustomAttribute<DescriptionAttribute>() is { } description)
            schema["description"] = description.Description;
        if (member.GetCustomAttribute<PatternAttribute>() is { } pattern)
            schema["pattern"] = pattern.RegexPattern;
        if (member.GetCustomAttribute<LengthAttribute>() is { } length)
            AddBounds(schema, length.MinLength, length.MaxLength, "Length");
        if (member.GetCustomAttribute<RangeMinimumAttribute>() is { } minimum)
            schema["minimum"] = minimum.Minimum;
        if (member.GetCustomAttribute<RangeMaximumAttribute>() is { } maximum)
            schema["maximum"] = maximum.Maximum;
        AddRules(schema, member);
    }

    /// <param name="schema">What they are added to.</param>
    /// <param name="min">0 is not written.</param>
    /// <param name="max">The largest number there is is not written.</param>
    /// <param name="of"><c>Length</c>, <c>Items</c> or <c>Properties</c>.</param>
    public static void AddBounds(JsonObject schema, long min, long max, string of)
    {
        if (max < long.MaxValue)
            schema[$"max{of}"] = max;
        if (min > 0)
            schema[$"min{of}"] = min;
    }

    /// <summary>The rules of a type or a field.</summary>
    public static void AddRules(JsonObject schema, MemberInfo member)
    {
        var rules = member.GetCustomAttributes<ValidationRuleAttribute>()
            .Select(JsonNode (rule) => new JsonObject { ["message"] = rule.Message, ["rule"] = rule.Rule })
            .ToArray();
        if (rules.Length > 0)
            schema["x-kubernetes-validations"] = new JsonArray(rules);
    }
}
