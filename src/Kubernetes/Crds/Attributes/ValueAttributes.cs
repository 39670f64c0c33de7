namespace GpuMem.Kubernetes.Crds;

// What a value may be, as far as our own resources say it; KubeOps has more. Two of its attributes are left out on purpose:
// [DefaultValue], because a default written into stored objects can never change again; defaults are computed and named in descriptions.
// [UniqueItems], because the API server refuses "uniqueItems: true" in every CRD (checking it takes quadratic time); use [XListType(XListType.Set)].

/// <summary>Makes a field one that must be there.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class RequiredAttribute : Attribute;

/// <summary>An object whose fields this schema does not describe and the API server keeps as they are.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class PreserveUnknownFieldsAttribute : Attribute;

/// <summary>A regular expression that a text must match.</summary>
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

/// <summary>The smallest number that is allowed.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class RangeMinimumAttribute(long minimum) : Attribute
{
    public long Minimum { get; } = minimum;
}

/// <summary>The largest number that is allowed.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class RangeMaximumAttribute(long maximum) : Attribute
{
    public long Maximum { get; } = maximum;
}

/// <summary>A CEL rule (Kubernetes 1.29 and later; older servers ignore it) on a type or a field.</summary>
/// <param name="rule">The expression; <c>self</c> is the value.</param>
/// <param name="message">What people read when the rule is broken.</param>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Property, AllowMultiple = true)]
public sealed class ValidationRuleAttribute(string rule, string message) : Attribute
{
    public string Rule { get; } = rule;

    public string Message { get; } = message;
}
