using System.Reflection;
using System.Runtime.CompilerServices;

namespace Hindsight.Facade.Tests;

/// <summary>The public surface: locked by PublicApi.txt, and free of F#'s own types.</summary>
public class PublicApiTests
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly;

    // types with special names hold the compiler's notes on extension members
    private static readonly Type[] Exported = [.. typeof(ContextualBandit).Assembly.GetExportedTypes().Where(type => !type.IsSpecialName).OrderBy(type => type.FullName, StringComparer.Ordinal)];

    [Test]
    public void The_public_surface_is_the_recorded_one()
    {
        var recorded = File.ReadAllLines(Path.Combine(TestContext.CurrentContext.TestDirectory, "PublicApi.txt"));
        var actual = Exported.SelectMany(Describe).ToList();
        var difference = recorded.Except(actual).Select(line => $"- {line}").Concat(actual.Except(recorded).Select(line => $"+ {line}")).ToList();
        if (difference.Count > 0)
        {
            var received = Path.Combine(TestContext.CurrentContext.TestDirectory, "PublicApi.received.txt");
            File.WriteAllLines(received, actual);
            Assert.Fail($"The public surface changed. If that is meant, copy {received} over tests/Facade/PublicApi.txt.\n{string.Join('\n', difference)}");
        }
    }

    [Test]
    public void No_signature_shows_a_type_of_FSharp_or_a_tuple_class()
    {
        // the facade's members, and the properties of the core's types that they show
        var shown = Exported.SelectMany(Members).SelectMany(Types).SelectMany(Parts).ToHashSet();
        var core = shown.Where(type => type.Assembly == typeof(Decision).Assembly).SelectMany(type => type.GetProperties()).Where(Visible);
        var all = shown.Concat(core.SelectMany(Types).SelectMany(Parts));
        Assert.That(all.Where(type => type.Namespace is "Microsoft.FSharp.Core" or "Microsoft.FSharp.Collections" || type.FullName?.StartsWith("System.Tuple") == true), Is.Empty);
    }

    private static bool Visible(PropertyInfo property) => property.Name != "Error";

    private static IEnumerable<MemberInfo> Members(Type type) =>
        type.GetMembers(Declared)
            .Where(member => member switch
            {
                FieldInfo field => IsVisible(field.Attributes) && !field.IsSpecialName,
                MethodBase method => IsVisible(method.Attributes) && (!method.IsSpecialName || method is ConstructorInfo) && !IsGenerated(method),
                PropertyInfo property => property.GetAccessors(true).Any(accessor => IsVisible(accessor.Attributes)) && !IsGenerated(property),
                _ => false,
            });

    private static bool IsVisible(MethodAttributes attributes) =>
        (attributes & MethodAttributes.MemberAccessMask) is MethodAttributes.Public or MethodAttributes.Family or MethodAttributes.FamORAssem;

    private static bool IsVisible(FieldAttributes attributes) =>
        (attributes & FieldAttributes.FieldAccessMask) is FieldAttributes.Public or FieldAttributes.Family or FieldAttributes.FamORAssem;

    /// <summary>What the compiler adds to a record.</summary>
    private static bool IsGenerated(MemberInfo member) => member.IsDefined(typeof(CompilerGeneratedAttribute));

    private static IEnumerable<Type> Types(MemberInfo member) => member switch
    {
        FieldInfo field => [field.FieldType],
        PropertyInfo property => [property.PropertyType],
        MethodInfo method => [method.ReturnType, .. method.GetParameters().Select(p => p.ParameterType)],
        MethodBase method => method.GetParameters().Select(p => p.ParameterType),
        _ => [],
    };

    private static IEnumerable<Type> Parts(Type type) =>
        type.HasElementType ? Parts(type.GetElementType()!) : [type, .. type.GetGenericArguments().SelectMany(Parts)];

    private static IEnumerable<string> Describe(Type type)
    {
        var kind = type.IsEnum ? "enum" : type.IsValueType ? "struct" : type.IsInterface ? "interface" : type is { IsAbstract: true, IsSealed: true } ? "static class"
            : (type.IsAbstract ? "abstract " : type.IsSealed ? "sealed " : "") + "class";
        var bases = new[] { type.BaseType }.Where(b => b != typeof(object) && !type.IsValueType).Concat(type.GetInterfaces().Where(i => i.Assembly == type.Assembly))
            .OfType<Type>().Select(Name).ToList();
        yield return $"{kind} {Name(type)}{(bases.Count > 0 ? $" : {string.Join(", ", bases)}" : "")}";
        foreach (var member in Members(type).Select(Describe).Order(StringComparer.Ordinal))
        {
            yield return $"    {Name(type)}.{member}";
        }
    }

    private static string Describe(MemberInfo member) => member switch
    {
        FieldInfo { IsLiteral: true } field => $"{field.Name} = {Convert.ToInt64(field.GetRawConstantValue())}",
        FieldInfo field => $"{field.Name}: {Name(field.FieldType)}",
        PropertyInfo property => $"{property.Name}: {Name(property.PropertyType)}{Nullability(property)} {{ {Accessors(property)} }}",
        MethodInfo { IsGenericMethod: true } method =>
            $"{method.Name}<{string.Join(", ", method.GetGenericArguments().Select(Name))}>({Parameters(method)}): {Name(method.ReturnType)}",
        MethodInfo method => $"{method.Name}({Parameters(method)}): {Name(method.ReturnType)}",
        MethodBase method => $"new({Parameters(method)})",
        _ => member.ToString()!,
    };

    private static string Accessors(PropertyInfo property)
    {
        var isInit = property.SetMethod?.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit)) == true;
        var required = property.IsDefined(typeof(RequiredMemberAttribute)) ? "required; " : "";
        return $"{required}{(property.CanRead ? "get; " : "")}{(isInit ? "init;" : property.CanWrite ? "set;" : "")}".Trim();
    }

    private static string Nullability(PropertyInfo property) =>
        !property.PropertyType.IsValueType && new NullabilityInfoContext().Create(property).ReadState == NullabilityState.Nullable ? "?" : "";

    private static string Parameters(MethodBase method) =>
        string.Join(", ", method.GetParameters().Select(p => $"{p.Name}: {Name(p.ParameterType)}{(p.HasDefaultValue ? $" = {p.DefaultValue ?? "null"}" : "")}"));

    private static string Name(Type type)
    {
        if (Nullable.GetUnderlyingType(type) is { } underlying)
        {
            return $"{Name(underlying)}?";
        }

        return type.IsArray ? $"{Name(type.GetElementType()!)}[]"
            : type.IsGenericType ? $"{type.Name.Split('`')[0]}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>"
            : type.Name;
    }
}
