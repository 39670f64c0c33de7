namespace GpuMem.Kubernetes.Crds;

/// <summary>What attributes say of a field or a type, as keywords of its schema. Nothing is written that the API server assumes anyway.</summary>
internal static class SchemaKeywords
{
    public static void Add(JsonObject schema, MemberInfo member)
    {
        if (member.GetCustomAttribute<TitleAttribute>() is { } title)
            schema["title"] = title.Title;
        if (member.GetCustomAttribute<DescriptionAttribute>() is { } description)
            schema["description"] = description.Description;
        if (member.GetCustomAttribute<ExampleAttribute>() is { } example)
            schema["example"] = example.Example;
        if (member.GetCustomAttribute<FormatAttribute>() is { } format)
            schema["format"] = format.Format;
        if (member.GetCustomAttribute<PatternAttribute>() is { } pattern)
            schema["pattern"] = pattern.RegexPattern;
        if (member.GetCustomAttribute<LengthAttribute>() is { } length)
            AddBounds(schema, length.MinLength, length.MaxLength, "Length");
        AddRange(schema, member);
        if (member.GetCustomAttribute<XMapTypeAttribute>() is { MapType: XMapType.Atomic })
            schema["x-kubernetes-map-type"] = "atomic";
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
        var rules = member.GetCustomAttributes<ValidationRuleAttribute>().Select(Rule).ToArray();
        if (rules.Length > 0)
            schema["x-kubernetes-validations"] = new JsonArray(rules);
    }

    private static void AddRange(JsonObject schema, MemberInfo member)
    {
        if (member.GetCustomAttribute<RangeMinimumAttribute>() is { } minimum)
        {
            schema["minimum"] = Number(minimum.Minimum);
            if (minimum.ExclusiveMinimum)
                schema["exclusiveMinimum"] = true;
        }
        if (member.GetCustomAttribute<RangeMaximumAttribute>() is { } maximum)
        {
            schema["maximum"] = Number(maximum.Maximum);
            if (maximum.ExclusiveMaximum)
                schema["exclusiveMaximum"] = true;
        }
        if (member.GetCustomAttribute<MultipleOfAttribute>() is { } multiple)
            schema["multipleOf"] = Number(multiple.Value);
    }

    private static JsonNode Rule(ValidationRuleAttribute attribute)
    {
        var rule = new JsonObject();
        if (attribute.FieldPath is { } fieldPath)
            rule["fieldPath"] = fieldPath;
        if (attribute.Message is { } message)
            rule["message"] = message;
        if (attribute.MessageExpression is { } expression)
            rule["messageExpression"] = expression;
        if (attribute.Reason is { } reason)
            rule["reason"] = reason;
        rule["rule"] = attribute.Rule;
        return rule;
    }

    /// <summary>Whole numbers without an exponent, as people write them.</summary>
    private static JsonNode Number(double value) => double.IsInteger(value) && Math.Abs(value) < long.MaxValue ? (long)value : value;
}
