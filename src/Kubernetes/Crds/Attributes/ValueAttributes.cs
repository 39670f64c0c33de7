namespace GpuMem.Kubernetes.Crds;

// What a value may be. KubeOps has two more, which are left out on purpose:
// [DefaultValue], because a default written into stored objects can never change again; defaults are computed and named in descriptions.
// [UniqueItems], because the API server refuses "uniqueItems: true" in every CRD (checking it takes quadratic time); use [XListType(XListType.Set)].

[AttributeUsage(AttributeTargets.Property)]
public sealed class RequiredAttribute : Attribute;

[AttributeUsage(AttributeTargets.Property)]
public sealed class PatternAttribute(string regexPattern) : Attribute
{
    public string RegexPattern { get; } = regexPattern;
}

/// <summary>Bounds of a string's length. Every string is bounded: the API server refuses CEL rules whose cost it cannot bound.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class LengthAttribute(long minLength = 0, long maxLength = long.MaxValue) : Attribute
{
    public long MinLength { get; } = minLength;

    public long MaxLength { get; } = maxLength;
}

/// <summary>Bounds of the number of items of a list, or of keys of a map.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ItemsAttribute(long minItems = 0, long maxItems = long.MaxValue) : Attribute
{
    public long MinItems { get; } = minItems;

    public long MaxItems { get; } = maxItems;

    /// <summary>The longest string item, or map value; KubeOps leaves these unbounded.</summary>
    public long MaxLength { get; init; } = 253;
}

[AttributeUsage(AttributeTargets.Property)]
public sealed class RangeMinimumAttribute(double minimum, bool exclusiveMinimum = false) : Attribute
{
    public double Minimum { get; } = minimum;

    public bool ExclusiveMinimum { get; } = exclusiveMinimum;
}

[AttributeUsage(AttributeTargets.Property)]
public sealed class RangeMaximumAttribute(double maximum, bool exclusiveMaximum = false) : Attribute
{
    public double Maximum { get; } = maximum;

    public bool ExclusiveMaximum { get; } = exclusiveMaximum;
}

[AttributeUsage(AttributeTargets.Property)]
public sealed class MultipleOfAttribute(double value) : Attribute
{
    public double Value { get; } = value;
}

/// <summary>What a string holds, <c>uri</c> or <c>ipv4</c>; overrides the format that follows from the C# type.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class FormatAttribute(string format) : Attribute
{
    public string Format { get; } = format;
}

/// <summary>A CEL rule (Kubernetes 1.29 and later; older servers ignore it) on a type or a field.</summary>
/// <param name="rule">The expression; <c>self</c> is the value.</param>
/// <param name="fieldPath">The field below this one to blame, <c>.name</c>.</param>
/// <param name="message">What people read when the rule is broken.</param>
/// <param name="messageExpression">The same as an expression, which wins over <paramref name="message"/>.</param>
/// <param name="reason"><c>FieldValueInvalid</c>, <c>FieldValueForbidden</c>, <c>FieldValueRequired</c> or <c>FieldValueDuplicate</c>.</param>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Property, AllowMultiple = true)]
public sealed class ValidationRuleAttribute(
    string rule, string? fieldPath = null, string? message = null, string? messageExpression = null, string? reason = null) : Attribute
{
    public string Rule { get; } = rule;

    public string? FieldPath { get; } = fieldPath;

    public string? Message { get; } = message;

    public string? MessageExpression { get; } = messageExpression;

    public string? Reason { get; } = reason;
}
